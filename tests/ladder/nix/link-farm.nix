{ pkgs ? import <nixpkgs> { } }:
pkgs.linkFarm "farm" [
  { name = "hello"; path = pkgs.callPackage ./autotools.nix { }; }
  { name = "conf"; path = ./sources/template.conf; }
]
