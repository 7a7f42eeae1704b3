let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "xz" (D.Input.Src "./src")
    //  { outputs = [ "out", "dev", "man" ]
        , fixupPhase = Some ":"
        , doCheck = True
        , checkPhase = Some "make check"
        }
