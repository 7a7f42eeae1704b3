{ pkgs ? import <nixpkgs> { } }:
let hello = pkgs.callPackage ./autotools.nix { };
in { inherit hello; run = pkgs.writeShellScriptBin "run" "exec ${hello}/bin/hello"; }
