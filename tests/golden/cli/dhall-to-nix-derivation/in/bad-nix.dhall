let D = ./prelude/Derivation.dhall

in      D.mkDerivation "bad" (D.Input.Src ".")
    //  { buildInputs = [ D.Input.Nix (D.builtins.toNix "zlib.override { static = }") ] }
