let D = (env:STRAYLIGHT_PRELUDE).Derivation

let lib = ./lib.dhall

in  D.mkDerivation "uses" lib.src // lib.common
