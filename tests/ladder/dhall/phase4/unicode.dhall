let S = env:STRAYLIGHT_PRELUDE

-- größer als nötig, λ
in      S.action
          "gr____e"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "größe"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, pkgs }:

              stdenv.mkDerivation {
                name = "größe";
                src = pkgs."größe-source";
                installPhase = "install -m644 'größe.txt' $out/größe.txt";
                meta = {
                  description = "prüft \"Größen\" \\ Maße";
                  platforms = [ "x86_64-linux" ];
                };
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
