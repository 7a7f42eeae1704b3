let D = ./prelude/Derivation.dhall

in  { a = D.mkDerivation "bad" (D.Input.Nix (D.builtins.toNix "./a; src = ./b")) }
