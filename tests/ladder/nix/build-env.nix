{ pkgs ? import <nixpkgs> { } }:
pkgs.buildEnv { name = "env"; paths = [ (pkgs.callPackage ./cmake.nix { }) ]; }
