let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  D.mkHaskellPackage "lens" (D.Input.Src "./src") // { buildInputs = [ D.drv "free" ] }
