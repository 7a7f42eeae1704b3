{ lib, stdenv }:
stdenv.mkDerivation {
  pname = "small";
  version = "1";
  src = lib.fileset.toSource {
    root = ./sources/plain;
    fileset = lib.fileset.union ./sources/plain/small.c (lib.fileset.difference ./sources/plain/data ./sources/plain/data/b.txt);
  };
  buildPhase = "cc -o small small.c";
  installPhase = "install -D small $out/bin/small";
}
