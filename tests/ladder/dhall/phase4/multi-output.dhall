let S = env:STRAYLIGHT_PRELUDE

in      S.autotools
          "xz"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { check = True, subdir = "src" }
