{ stdenv }: stdenv.mkDerivation { name = "a"; src = throw "no source today"; }
