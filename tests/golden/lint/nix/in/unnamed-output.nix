{ stdenv }: stdenv.mkDerivation { name = "odd"; src = ./.; outputs = [ "out" "" ]; }
