{ pkgs ? import <nixpkgs> { } }: {
  hello = pkgs.callPackage ./autotools.nix { };
  broken.inner = throw "not on this system";
}
