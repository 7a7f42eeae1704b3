{ pkgs }:
let
  inherit (pkgs) stdenv;
  build = stdenv.mkDerivation;
  phase = "make install PREFIX=$out";
  common = { version = "1"; installPhase = phase; };
in
build (common // { pname = "aliased"; src = ./.; })
