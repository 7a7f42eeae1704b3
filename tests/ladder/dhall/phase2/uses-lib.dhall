{ a =
        (env:STRAYLIGHT_PRELUDE).action
          "a"
          (env:STRAYLIGHT_PRELUDE).Action.Action::{
          , category =
              (env:STRAYLIGHT_PRELUDE).Action.ActionCategory.Custom "nix-compat"
          , identifier = "a"
          , inputs = [] : List (env:STRAYLIGHT_PRELUDE).Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, a-source }:

              stdenv.mkDerivation {
                name = "a";
                src = a-source;
                checkPhase = "make check";
              }) { }''
            ]
          , env = [] : List (env:STRAYLIGHT_PRELUDE).Action.EnvVar
          , toolchain = None (env:STRAYLIGHT_PRELUDE).Toolchain.Toolchain
          }, b =
        (env:STRAYLIGHT_PRELUDE).action
          "b"
          (env:STRAYLIGHT_PRELUDE).Action.Action::{
          , category =
              (env:STRAYLIGHT_PRELUDE).Action.ActionCategory.Custom "nix-compat"
          , identifier = "b"
          , inputs = [] : List (env:STRAYLIGHT_PRELUDE).Action.Input
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
              }) { }''
            ]
          , env = [] : List (env:STRAYLIGHT_PRELUDE).Action.EnvVar
          , toolchain = None (env:STRAYLIGHT_PRELUDE).Toolchain.Toolchain
          } }
