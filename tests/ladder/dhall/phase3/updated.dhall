let S = env:STRAYLIGHT_PRELUDE

in  S.action
      "deep"
      S.Action.Action::{
      , category = S.Action.ActionCategory.Custom "nix-compat"
      , identifier = "deep"
      , inputs = [] : List S.Action.Input
      , outputs = [ { name = "out", binding = Some "out" } ]
      , command =
        [ "nix"
        , "build"
        , "--no-link"
        , ''
          (import <nixpkgs> { }).callPackage ({ stdenv, deep-source }:

          stdenv.mkDerivation {
            name = "deep";
            src = deep-source;
            buildPhase = "make";
            meta = {
              description = "deep";
            };
          }) { }''
        ]
      , env = [] : List S.Action.EnvVar
      , toolchain = None S.Toolchain.Toolchain
      }
