{ lib, stdenv }:
stdenv.mkDerivation {
  pname = "small";
  version = "1";
  src = lib.sourceByRegex ./sources/plain [ ".*\\.c" "run\\.sh" ];
  buildPhase = "cc -o small small.c";
  installPhase = "install -D small $out/bin/small\ninstall run.sh $out/bin/run";
}
