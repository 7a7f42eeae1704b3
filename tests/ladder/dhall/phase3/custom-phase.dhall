let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "odd"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "odd"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, odd-source }:

              stdenv.mkDerivation {
                name = "odd";
                src = odd-source;
                phases = [ "unpackPhase" "generate" "buildPhase" ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
