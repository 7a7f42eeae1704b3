{ stdenv }: stdenv.mkDerivation { name = "cmake-3.1"; src = ./default.nix; }
