{ pkgs ? import <nixpkgs> { } }:
pkgs.stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  nativeBuildInputs = with pkgs; [ pkg-config perl ];
}
