final: prev: {
  hello = final.callPackage ./autotools.nix { };
  tool = prev.callPackage ./make.nix { };
}
