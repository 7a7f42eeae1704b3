{ pkgs ? import <nixpkgs> { } }:
let
  library = pkgs.stdenv.mkDerivation { name = "library-1"; src = ./src; };
in {
  inherit library;
  tool = pkgs.stdenv.mkDerivation {
    name = "tool-1";
    src = ./src;
    buildInputs = [ library ];
    preConfigure = "echo ${library}/include > where";
  };
}
