{ pkgs }:
with pkgs;
mkDerivation { pname = "scoped"; version = "1"; src = ./.; phases = [ "unpackPhase" "installPhase" ]; installPhase = "cp -r . $out"; }
