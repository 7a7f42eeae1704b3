let D = (env:STRAYLIGHT_PRELUDE).Derivation

in  { a = D.mkDerivation "ä" (D.Input.Src "a, b: 100%") // { allowedReferences = Some [ "out" ] }
    , b = D.mkDerivation "b" (D.drv "b") // { allowedReferences = Some [ "out" ] }
    }
