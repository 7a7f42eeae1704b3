let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "part" (D.Input.Src "./src")
    //  { patchPhase = Some "sed -i 's|/usr/bin|/bin|g' Makefile"
        , buildPhase = Some "cd lib && make"
        , installPhase = Some "install -Dm755 lib/part $out/bin/part"
        }
