let S = env:STRAYLIGHT_PRELUDE

in  { reader =
            S.autotools
              "reader"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { subdir = "src" }
    , writer =
            S.autotools
              "writer"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { subdir = "src" }
    }
