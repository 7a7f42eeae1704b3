let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  [ D.mkDerivation "one" (D.Input.Src "./a")
    , D.mkDerivation "two" (D.drv "two-source") // { buildInputs = [ D.drv "one" ] }
    , D.mkDerivation "three" (D.drv "three-source") // { env = [ { name = "V", value = "1" } ] }
    ]
