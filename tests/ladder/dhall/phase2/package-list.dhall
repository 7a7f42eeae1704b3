let S = env:STRAYLIGHT_PRELUDE

in  [ S.action
        "one"
        S.Action.Action::{
        , category = S.Action.ActionCategory.Custom "nix-compat"
        , identifier = "one"
        , inputs = [ S.Action.Input.Source "a/README" ]
        , outputs = [ { name = "out", binding = Some "out" } ]
        , command =
          [ "nix"
          , "build"
          , "--no-link"
          , ''
            (import <nixpkgs> { }).callPackage ({ stdenv }:

            stdenv.mkDerivation {
              name = "one";
              src = (./. + "/a");
            }) { }''
          ]
        , env = [] : List S.Action.EnvVar
        , toolchain = None S.Toolchain.Toolchain
        }
    , S.action
        "two"
        S.Action.Action::{
        , category = S.Action.ActionCategory.Custom "nix-compat"
        , identifier = "two"
        , inputs = [] : List S.Action.Input
        , outputs = [ { name = "out", binding = Some "out" } ]
        , command =
          [ "nix"
          , "build"
          , "--no-link"
          , ''
            (import <nixpkgs> { }).callPackage ({ stdenv, two-source, one }:

            stdenv.mkDerivation {
              name = "two";
              src = two-source;
              buildInputs = [ one ];
            }) { }''
          ]
        , env = [] : List S.Action.EnvVar
        , toolchain = None S.Toolchain.Toolchain
        }
    , S.action
        "three"
        S.Action.Action::{
        , category = S.Action.ActionCategory.Custom "nix-compat"
        , identifier = "three"
        , inputs = [] : List S.Action.Input
        , outputs = [ { name = "out", binding = Some "out" } ]
        , command =
          [ "nix"
          , "build"
          , "--no-link"
          , ''
            (import <nixpkgs> { }).callPackage ({ stdenv, three-source }:

            stdenv.mkDerivation {
              name = "three";
              src = three-source;
              V = "1";
            }) { }''
          ]
        , env = [] : List S.Action.EnvVar
        , toolchain = None S.Toolchain.Toolchain
        }
    ]
