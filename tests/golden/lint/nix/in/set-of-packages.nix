{ callPackage }:
{
  a = callPackage ./autotools.nix { };
  b = callPackage ./cmake.nix { };
}
