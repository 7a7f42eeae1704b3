let S = env:STRAYLIGHT_PRELUDE

in  { fast =
            S.autotools "fast" [ "//sources:fast" ] ([] : List Text)
        //  { env =
              [ { name = "CFLAGS", value = "-O3" }, { name = "MODE", value = "fast" } ]
            }
    }
