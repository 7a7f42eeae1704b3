let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let src = D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }

let zlib = D.drv "zlib"

in  { reader = D.mkDerivation "reader" src // { buildInputs = [ zlib ], allowedReferences = Some [ "out", "zlib" ] }
    , writer = D.mkDerivation "writer" src // { buildInputs = [ zlib, D.drv "lz4" ], allowedReferences = Some [ "out", "zlib", "lz4" ] }
    }
