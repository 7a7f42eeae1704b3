let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { kept =
            D.mkDerivation "kept" (D.drv "kept-source")
        //  { -- straylight-lint: allow raw-env: the test suite reads it
              env = [ { name = "TZ", value = "UTC" } ]
            , makeFlags = [ "PREFIX=$(out)" ]
            , allowedReferences = Some [ "out" ]
            }
    }
