let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "pinned" (D.drv "pinned-source")
    //  { configureFlags = [ "--with-zlib=/nix/store/00-zlib" ]
        , buildInputs = [ D.drv "zlib.drv" ]
        , allowedReferences = Some ([] : List Text)
        }
