{ stdenv }:
stdenv.mkDerivation {
  pname = "tool";
  version = "1";
  src = ./sources/make;
  makeFlags = [ "PREFIX=$(out)" ];
}
