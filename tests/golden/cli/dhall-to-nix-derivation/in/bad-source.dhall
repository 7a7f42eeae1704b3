let D = ./prelude/Derivation.dhall

in  D.mkDerivation "bad" (D.Input.Drv { drv = "a", outputs = [ "x", "y" ] })
