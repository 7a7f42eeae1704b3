let D = ./prelude/Derivation.dhall

in  D.mkDerivation "bad" (D.Input.Store { name = "a", digest = "sha256" })
