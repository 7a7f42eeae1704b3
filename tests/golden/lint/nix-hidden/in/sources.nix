{ stdenv, lib, nix-gitignore }:
{
  a = stdenv.mkDerivation { name = "a"; allowedReferences = [ ]; src = lib.cleanSource ./.; };
  b = stdenv.mkDerivation { name = "b"; allowedReferences = [ ]; src = ./. + "/lib"; };
  c = stdenv.mkDerivation { name = "c"; allowedReferences = [ ]; src = builtins.filterSource (p: t: true) ./lib; };
}
