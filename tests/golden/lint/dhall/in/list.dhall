let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  [ D.mkDerivation "first" (D.Input.Src "a")
    , D.mkDerivation "second" (D.drv "b") // { fixupPhase = Some "true" }
    ]
