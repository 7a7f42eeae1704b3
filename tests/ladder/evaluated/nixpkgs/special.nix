{ stdenv }: stdenv.mkDerivation { name = "special-2"; src = ./default.nix; }
