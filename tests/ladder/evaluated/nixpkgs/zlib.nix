{ stdenv }: stdenv.mkDerivation { name = "zlib-1.2.8"; src = ./default.nix; }
