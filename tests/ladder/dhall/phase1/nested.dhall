let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { libs = { zlib = D.mkDerivation "zlib" (D.Input.Store { name = "zlib", digest = "448a5bc63e981d0db4e5f0ac8b54ba7490c66108022cfdb003344abfb036c8ae/80" })
                      //  { allowedReferences = Some [ "out" ] } }
    , apps = { cli = { main = D.mkDerivation "cli" (D.drv "cli-source")
                              //  { allowedReferences = Some [ "out" ] } } }
    }
