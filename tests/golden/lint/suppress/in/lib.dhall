-- what others are made of
let D = (env:STRAYLIGHT_PRELUDE).Derivation

in  { common =
        { -- straylight-lint: allow raw-env: the program has no other way
          env = [ { name = "MODE", value = "fast" } ]
        , -- straylight-lint: allow raw-flag: nothing here has one
          allowedReferences = Some [ "out" ]
        }
    , src = D.drv "source"
    }
