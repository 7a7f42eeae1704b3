{ stdenv }: stdenv.mkDerivation { name = "own-1"; src = ./src; builder = ./builder.sh; }
