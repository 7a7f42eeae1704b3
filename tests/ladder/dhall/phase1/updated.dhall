let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  (D.mkDerivation "deep" (D.drv "deep-source"))
    with meta.description = Some "deep"
    with allowedReferences = Some [ "out" ]
