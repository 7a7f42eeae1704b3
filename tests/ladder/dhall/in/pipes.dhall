let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "names" (D.Input.Src "./a")
    //  { installPhase = Some "ls | sort > $out" }
