let S = env:STRAYLIGHT_PRELUDE

in  [ S.action
        "first"
        S.Action.Action::{
        , category = S.Action.ActionCategory.Custom "nix-compat"
        , identifier = "first"
        , inputs = [ S.Action.Input.Source "a/README" ]
        , outputs = [ { name = "out", binding = Some "out" } ]
        , command =
          [ "nix"
          , "build"
          , "--no-link"
          , ''
            (import <nixpkgs> { }).callPackage ({ stdenv }:

            stdenv.mkDerivation {
              name = "first";
              src = (./. + "/a");
            }) { }''
          ]
        , env = [] : List S.Action.EnvVar
        , toolchain = None S.Toolchain.Toolchain
        }
    , S.action
        "second"
        S.Action.Action::{
        , category = S.Action.ActionCategory.Custom "nix-compat"
        , identifier = "second"
        , inputs = [] : List S.Action.Input
        , outputs = [ { name = "out", binding = Some "out" } ]
        , command =
          [ "nix"
          , "build"
          , "--no-link"
          , ''
            (import <nixpkgs> { }).callPackage ({ stdenv, b }:

            stdenv.mkDerivation {
              name = "second";
              src = b;
              fixupPhase = "true";
            }) { }''
          ]
        , env = [] : List S.Action.EnvVar
        , toolchain = None S.Toolchain.Toolchain
        }
    ]
