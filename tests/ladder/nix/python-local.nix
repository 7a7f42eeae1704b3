{ pkgs ? import <nixpkgs> { } }:
pkgs.python3Packages.buildPythonApplication {
  pname = "greet";
  version = "1.0";
  src = ./sources/python;
  nativeBuildInputs = [ pkgs.python3Packages.setuptools ];
  doCheck = false;
}
