{ pkgs ? import <nixpkgs> { } }:
pkgs.symlinkJoin {
  name = "both";
  paths = [ (pkgs.callPackage ./autotools.nix { }) (pkgs.callPackage ./make.nix { }) ];
}
