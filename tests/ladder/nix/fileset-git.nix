{ lib, stdenv }:
stdenv.mkDerivation {
  pname = "tool";
  version = "1";
  src = lib.fileset.toSource { root = ./sources/make; fileset = lib.fileset.gitTracked ./sources/make; };
  makeFlags = [ "PREFIX=$(out)" ];
}
