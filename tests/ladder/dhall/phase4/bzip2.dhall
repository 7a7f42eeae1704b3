let S = env:STRAYLIGHT_PRELUDE

in  { bzip2 =
            -- the Makefile knows no DESTDIR
            -- one folder for all
            S.autotools
              "bzip2"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { make_flags = [ "PREFIX=@prefix@" ], subdir = "src" }
    }
