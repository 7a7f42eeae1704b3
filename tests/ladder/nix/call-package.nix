{ pkgs ? import <nixpkgs> { } }:
rec {
  hello = pkgs.callPackage ./autotools.nix { };
  loud = pkgs.callPackage ./autotools-flags.nix { loud = false; };
  greet = pkgs.callPackage ./cmake.nix { };
}
