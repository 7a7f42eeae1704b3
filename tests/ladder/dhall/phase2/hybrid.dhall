let S = env:STRAYLIGHT_PRELUDE

in  { new = S.cxx_library "new" [ "new.c" ] [ "new.h" ] ([] : List Text)
    , old =
            S.autotools
              "old"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { make_flags = [ "V=1", "V=1", "PREFIX=@prefix@" ], subdir = "src" }
    }
