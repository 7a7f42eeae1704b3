{ pkgs ? import <nixpkgs> { } }:
pkgs.lib.overrideDerivation (pkgs.callPackage ./make.nix { }) (old: { name = "tool-custom"; EXTRA = "-DCUSTOM"; })
