let S = env:STRAYLIGHT_PRELUDE

in  { kept =
            -- straylight-lint: allow raw-env: the test suite reads it
            S.action
              "kept"
              S.Action.Action::{
              , category = S.Action.ActionCategory.Custom "nix-compat"
              , identifier = "kept"
              , inputs = [] : List S.Action.Input
              , outputs = [ { name = "out", binding = Some "out" } ]
              , command =
                [ "nix"
                , "build"
                , "--no-link"
                , ''
                  (import <nixpkgs> { }).callPackage ({ stdenv, kept-source }:

                  stdenv.mkDerivation {
                    name = "kept";
                    src = kept-source;
                    installPhase = "make install PREFIX=$out";
                    TZ = "UTC";
                  }) { }''
                ]
              , env = [] : List S.Action.EnvVar
              , toolchain = None S.Toolchain.Toolchain
              }
    }
