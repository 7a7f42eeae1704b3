let S = env:STRAYLIGHT_PRELUDE

in  { fast =
            S.action
              "fast"
              S.Action.Action::{
              , category = S.Action.ActionCategory.Custom "nix-compat"
              , identifier = "fast"
              , inputs = [] : List S.Action.Input
              , outputs = [ { name = "out", binding = Some "out" } ]
              , command =
                [ "nix"
                , "build"
                , "--no-link"
                , ''
                  (import <nixpkgs> { }).callPackage ({ stdenv, fast-source }:

                  stdenv.mkDerivation {
                    name = "fast";
                    src = fast-source;
                    allowedReferences = [ ];
                    CFLAGS = "-O3";
                    MODE = "fast";
                  }) { }''
                ]
              , env = [] : List S.Action.EnvVar
              , toolchain = None S.Toolchain.Toolchain
              }
    }
