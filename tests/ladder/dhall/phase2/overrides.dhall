let S = env:STRAYLIGHT_PRELUDE

let base =
          S.autotools
            "base"
            [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
            ([] : List Text)
      //  { subdir = "src" }

-- debug is base, not stripped
in  { base, debug =
            S.autotools
              "base-debug"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { subdir = "src", env = [ { name = "DEBUG", value = "1" } ] } }
