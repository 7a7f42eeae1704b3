let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- zlib has a configure script of its own
in      D.mkDerivation "zlib" (D.Input.Src "./src")
    //  { version = Some "1.3.1"
        , configurePhase = Some "./configure --prefix=$out --static"
        , buildPhase = Some "make -j$NIX_BUILD_CORES"
        , installPhase = Some "make install"
        }
