let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let version = "5.4.6"

in      D.mkDerivation "lua" (D.Input.Src "./src")
    //  { version = Some version
        , buildPhase = Some "make linux MYCFLAGS=-fPIC"
        , installPhase = Some
            ''
            runHook preInstall
            make install INSTALL_TOP=$out TO_LIB=liblua.a
            runHook postInstall
            ''
        }
