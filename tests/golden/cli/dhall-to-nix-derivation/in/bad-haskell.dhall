let D = ./prelude/Derivation.dhall

in  D.mkHaskellPackage "bad" (D.Input.Src ".")
