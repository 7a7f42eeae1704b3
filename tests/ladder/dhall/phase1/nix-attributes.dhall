let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "htop" (D.drv "htop-source")
    //  { buildInputs = [ D.drv "ncurses" ]
        , dontStrip = True
        , allowedReferences = Some [ "out", "ncurses" ]
        }
