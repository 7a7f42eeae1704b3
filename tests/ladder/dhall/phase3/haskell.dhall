let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  D.mkHaskellPackage "pandoc" (D.drv "pandoc-source")
    //  { allowedReferences = Some [ "out" ] }
