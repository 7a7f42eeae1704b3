let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "fd"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "fd"
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
              (import <nixpkgs> { }).callPackage ({ rustPlatform, installShellFiles }:

              rustPlatform.buildRustPackage {
                pname = "fd";
                version = "9.0";
                src = ./src;
                nativeBuildInputs = [ installShellFiles ];
                cargoHash = "sha256-0000000000000000000000000000000000000000000=";
                doCheck = false;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
