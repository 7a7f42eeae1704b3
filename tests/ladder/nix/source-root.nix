{ stdenv }:
stdenv.mkDerivation {
  pname = "tool";
  version = "1";
  src = ./sources;
  sourceRoot = "sources/make";
  makeFlags = [ "PREFIX=$(out)" ];
}
