let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  (D.mkDerivation "deep" (D.drv "deep-source"))
    with buildPhase = Some "make"
    with meta.description = Some "deep"
