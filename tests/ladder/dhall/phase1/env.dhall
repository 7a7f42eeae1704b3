let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { fast =
            D.mkDerivation "fast" (D.drv "fast-source")
        //  { allowedReferences = Some ([] : List Text)
            , makeFlags = [ "CFLAGS=-O3", "MODE=fast" ]
            }
    }
