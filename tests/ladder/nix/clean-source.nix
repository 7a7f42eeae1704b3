{ lib, stdenv }:
stdenv.mkDerivation {
  pname = "small";
  version = "1";
  src = lib.cleanSourceWith {
    src = lib.cleanSource ./sources/plain;
    filter = path: type: type == "directory" || !lib.hasSuffix ".txt" path;
  };
  buildPhase = "cc -o small small.c";
  installPhase = "install -D small $out/bin/small";
}
