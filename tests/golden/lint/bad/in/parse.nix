{ stdenv }: stdenv.mkDerivation { name = 
