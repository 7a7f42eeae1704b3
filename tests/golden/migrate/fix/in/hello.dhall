let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- says hello
in      D.mkDerivation "hello" (D.Input.Src "./src")
    //  { buildPhase = Some "make"
        , installPhase = Some "make install PREFIX=$out" -- below one folder
        , env = [ { name = "LC_ALL", value = "C" } ]
        }
