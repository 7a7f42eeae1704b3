{ stdenv }: stdenv.mkDerivation { pname = "packed"; version = "4.5"; }
