let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { fast =
            D.mkDerivation "fast" (D.drv "fast-source")
        //  { env =
              [ { name = "CFLAGS", value = "-O3" }
              , { name = "MODE", value = "fast" }
              ]
            , allowedReferences = Some ([] : List Text)
            }
    }
