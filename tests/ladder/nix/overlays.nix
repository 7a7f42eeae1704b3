let
  overlay = final: prev: { hello = final.callPackage ./autotools.nix { }; };
  pkgs = import <nixpkgs> { overlays = [ overlay (final: prev: { loud = prev.hello.overrideAttrs (_: { pname = "loud"; }); }) ]; };
in { inherit (pkgs) hello loud; }
