let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "htop" (D.drv "htop-source")
    //  { attrs = toMap
            { enableParallelBuilding = D.builtins.toNix "true", dontStrip = D.builtins.toNix "true" }
        , buildInputs = [ D.drv "ncurses" ]
        }
