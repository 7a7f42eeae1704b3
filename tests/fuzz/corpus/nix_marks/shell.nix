{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell { packages = [ pkgs.gcc ]; shellHook = "export PS1='dev> '"; DATABASE = "postgres://localhost"; }
