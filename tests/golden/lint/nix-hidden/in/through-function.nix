{ pkgs ? import <nixpkgs> { } }:
let build = args: pkgs.stdenv.mkDerivation (args // { version = "1"; allowedReferences = [ ]; }); in
build {
  pname = "through";
  installPhase = "curl -O https://example.org/a";
}
