let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  [ D.mkDerivation "one" (D.Input.Store { name = "a", digest = "d711836c47746e9b5275273e6a4020a4dfae7edae69a7b76023d55869b8aa06a/80" })
      //  { allowedReferences = Some [ "out" ] }
    , D.mkDerivation "two" (D.drv "two-source") // { buildInputs = [ D.drv "one" ], allowedReferences = Some [ "out", "one" ] }
    , D.mkDerivation "three" (D.drv "three-source") // { makeFlags = [ "V=1" ], allowedReferences = Some [ "out" ] }
    ]
