let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "fmt" (D.drv "fmt-source")
    //  { nativeBuildInputs = [ D.drv "cmake" ]
        , outputs = [ "out", "dev" ]
        , allowedReferences = Some [ "out", "dev" ]
        }
