{ callPackage }:
{
  lib = callPackage ./through-function.nix { };
  own = callPackage ({ stdenv, mode }: stdenv.mkDerivation { name = "own"; allowedReferences = [ ]; MODE = mode; }) { mode = "fast"; };
}
