let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { bzip2 =
            D.mkDerivation "bzip2" (D.Input.Src "./src")
        //  { version = Some "1.0.8"
            -- the Makefile knows no DESTDIR
            , installPhase = Some "make install PREFIX=$out" -- one folder for all
            , buildInputs = [ D.drv "zlib" ]
            }
    }
