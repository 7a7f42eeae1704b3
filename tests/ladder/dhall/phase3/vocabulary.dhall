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
          (import <nixpkgs> { }).callPackage ({ stdenv, b }:

          stdenv.mkDerivation {
            name = "a";
            src = b;
          }) { }''
        ]
      , env = [] : List (env:STRAYLIGHT_PRELUDE).Action.EnvVar
      , toolchain = None (env:STRAYLIGHT_PRELUDE).Toolchain.Toolchain
      }
