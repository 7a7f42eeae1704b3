let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { bzip2 =
            D.mkDerivation "bzip2" (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" })
        //  { version = Some "1.0.8"
            -- the Makefile knows no DESTDIR
            -- one folder for all
            , buildInputs = [ D.drv "zlib" ]
            , makeFlags = [ "PREFIX=$(out)" ]
            , allowedReferences = Some [ "out", "zlib" ]
            }
    }
