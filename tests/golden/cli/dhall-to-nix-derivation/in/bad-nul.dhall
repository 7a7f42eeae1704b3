let D = ./prelude/Derivation.dhall

in  D.derivation "a" "/bin/sh" [ "\u0000" ]
