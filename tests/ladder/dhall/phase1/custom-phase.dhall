let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "odd" (D.drv "odd-source")
    //  { phases = Some
          [ D.Phase.Unpack, D.Phase.Custom "generate", D.Phase.Build ]
        , allowedReferences = Some [ "out" ]
        }
