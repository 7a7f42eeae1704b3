let D = (env:STRAYLIGHT_PRELUDE).{ Derivation }

in  D.Derivation.mkDerivation "a" (D.Derivation.drv "b")
    //  { allowedReferences = Some [ "out" ] }
