{ stdenv }:
stdenv.mkDerivation { pname = "hello"; version = "1"; src = ./sources/auto; doCheck = true; }
