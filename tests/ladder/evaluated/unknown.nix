{ stdenv, special }: stdenv.mkDerivation { name = "tool-1"; src = ./src; buildInputs = [ special ]; }
