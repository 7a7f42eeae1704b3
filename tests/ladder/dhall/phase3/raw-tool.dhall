let S = env:STRAYLIGHT_PRELUDE

in  { table =
            S.action
              "table"
              S.Action.Action::{
              , category = S.Action.ActionCategory.Custom "nix-compat"
              , identifier = "table"
              , inputs = [] : List S.Action.Input
              , outputs =
                [ { name = "out", binding = Some "out" }
                , { name = "doc", binding = Some "doc" }
                ]
              , command =
                [ "nix"
                , "build"
                , "--no-link"
                , ''
                  (import <nixpkgs> { }).callPackage ({ gen }:

                  derivation {
                    name = "table";
                    system = "x86_64-linux";
                    builder = "/nix/store/00000000000000000000000000000000-gen/bin/gen";
                    args = [ "--size" "16" ];
                    outputs = [ "out" "doc" ];
                    inputs = [ gen ];
                    MODE = "fast";
                  }) { }''
                ]
              , env = [] : List S.Action.EnvVar
              , toolchain = None S.Toolchain.Toolchain
              }
    }
