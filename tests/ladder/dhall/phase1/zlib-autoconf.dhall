let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- zlib has a configure script of its own
in      D.mkDerivation "zlib" (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" })
    //  { version = Some "1.3.1"
        , configureFlags = [ "--static" ]
        , allowedReferences = Some [ "out" ]
        }
