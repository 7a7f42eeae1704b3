let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "dated"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "dated"
          , inputs =
            [ S.Action.Input.Source "src/Makefile"
            , S.Action.Input.Source "src/configure"
            , S.Action.Input.Source "src/lib/lib.c"
            , S.Action.Input.Source "src/main.c"
            ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv }:

              stdenv.mkDerivation {
                name = "dated";
                src = ./src;
                buildPhase = "make DATE=$(date +%F)";
                __impure = true;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
