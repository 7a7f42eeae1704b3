let D = ./prelude/Derivation.dhall

in  D.mkDerivation "bad" (D.Input.Src ".") // { buildInputs = [ D.drv "a..b" ] }
