let S = env:STRAYLIGHT_PRELUDE

-- zlib has a configure script of its own
in      S.autotools
          "zlib"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { configure_flags = [ "--static" ], subdir = "src" }
