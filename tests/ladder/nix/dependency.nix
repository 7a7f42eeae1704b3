{ pkgs ? import <nixpkgs> { } }:
let
  greet = pkgs.callPackage ./cmake.nix { };
in
pkgs.stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  buildInputs = [ greet ];
  configureFlags = [ "--with-greeting=${greet}/lib" ];
}
