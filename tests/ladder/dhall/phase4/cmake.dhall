let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "fmt"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "fmt"
          , inputs = [] : List S.Action.Input
          , outputs =
            [ { name = "out", binding = Some "out" }
            , { name = "dev", binding = Some "dev" }
            ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, fmt-source, cmake }:

              stdenv.mkDerivation {
                name = "fmt";
                src = fmt-source;
                nativeBuildInputs = [ cmake ];
                outputs = [ "out" "dev" ];
                LC_ALL = "C";
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
