let S = env:STRAYLIGHT_PRELUDE

in  { input =
            S.action
              "a"
              S.Action.Action::{
              , category = S.Action.ActionCategory.Custom "nix-compat"
              , identifier = "a"
              , inputs = [] : List S.Action.Input
              , outputs = [ { name = "out", binding = Some "out" } ]
              , command =
                [ "nix"
                , "build"
                , "--no-link"
                , ''
                  (import <nixpkgs> { }).callPackage ({ stdenv, a-source, pkgs }:

                  stdenv.mkDerivation {
                    name = "a";
                    src = a-source;
                    buildInputs = [ (pkgs.openssl.dev) ];
                  }) { }''
                ]
              , env = [] : List S.Action.EnvVar
              , toolchain = None S.Toolchain.Toolchain
              }
    , attribute =
            S.action
              "b"
              S.Action.Action::{
              , category = S.Action.ActionCategory.Custom "nix-compat"
              , identifier = "b"
              , inputs = [] : List S.Action.Input
              , outputs = [ { name = "out", binding = Some "out" } ]
              , command =
                [ "nix"
                , "build"
                , "--no-link"
                , ''
                  (import <nixpkgs> { }).callPackage ({ stdenv, b-source }:

                  stdenv.mkDerivation {
                    name = "b";
                    src = b-source;
                    hardeningDisable = [ "all" ];
                  }) { }''
                ]
              , env = [] : List S.Action.EnvVar
              , toolchain = None S.Toolchain.Toolchain
              }
    }
