{ stdenv }: { good = stdenv.mkDerivation { name = "good-1"; src = ./src; }; bad = throw "not for this system"; }
