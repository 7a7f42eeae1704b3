let S = env:STRAYLIGHT_PRELUDE

in  { one =
            S.make "one" [ "a/README" ] ([] : List Text)
        //  { prefix_variable = "prefix", subdir = "a" }
    , two =
        S.action
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
    , three =
        S.action
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
    }
