let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let src = D.Input.Src "./src"

let zlib = D.drv "zlib"

in  { reader = D.mkDerivation "reader" src // { buildInputs = [ zlib ] }
    , writer = D.mkDerivation "writer" src // { buildInputs = [ zlib, D.drv "lz4" ] }
    }
