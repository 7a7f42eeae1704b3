{ pkgs ? import <nixpkgs> { } }:
(pkgs.callPackage ./autotools.nix { }).overrideAttrs (old: {
  pname = "hello-loud";
  configureFlags = (old.configureFlags or [ ]) ++ [ "--enable-loud" ];
  doCheck = true;
})
