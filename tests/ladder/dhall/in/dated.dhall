let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "dated" (D.Input.Src "./src")
    //  { __impure = True, buildPhase = Some "make DATE=$(date +%F)" }
