let D = ./prelude/Derivation.dhall

in  D.mkDerivation "bad" (D.Input.Src ".") // { env = [ { name = "src", value = "x" } ] }
