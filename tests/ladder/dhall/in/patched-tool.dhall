let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "patched-tool" (D.Input.Src "./src")
    //  { patchPhase = Some
            ''
            substituteInPlace Makefile \
              --replace /usr/local $out \
              --replace gcc cc
            patch -p1 < fix.patch
            ''
        , nativeBuildInputs = [ D.drv "patchelf" ]
        , fixupPhase = Some "patchelf --set-rpath $out/lib $out/bin/tool"
        }
