let D = ./prelude/Derivation.dhall

let myPackage = D.mkDerivation "hello" (D.Input.Src ".")
    // { buildPhase = Some "make"
       , installPhase = Some "make install PREFIX=$out"
       }

in myPackage
