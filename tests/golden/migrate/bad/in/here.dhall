let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let myPackage =
          D.mkDerivation "hello" (D.Input.Src ".")
      //  { buildPhase = Some "make"
          , installPhase = Some "make install PREFIX=\$out"
          }

in  myPackage
