let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "many" (D.Input.Src "./src")
    //  { installPhase = Some
            ''
            for tool in one two; do
              cp $tool $out/bin
            done
            ''
        }
