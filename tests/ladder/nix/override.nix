{ pkgs ? import <nixpkgs> { } }:
(pkgs.callPackage ./autotools-flags.nix { }).override { loud = false; }
