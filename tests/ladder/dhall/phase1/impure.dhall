let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "stamp" (D.drv "stamp-source")
    //  { allowedReferences = Some [ "out" ] }
