let S = env:STRAYLIGHT_PRELUDE

in  { none =
        S.action
          "none"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "none"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, a }:

              stdenv.mkDerivation {
                name = "none";
                src = a;
                outputs = [ ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , blank =
        S.action
          "blank"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "blank"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, a }:

              stdenv.mkDerivation {
                name = "blank";
                src = a;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , many =
        S.action
          "many"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "many"
          , inputs = [] : List S.Action.Input
          , outputs =
            [ { name = "out", binding = Some "out" }
            , { name = "dev", binding = Some "dev" }
            , { name = "doc", binding = Some "doc" }
            ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, a }:

              stdenv.mkDerivation {
                name = "many";
                src = a;
                outputs = [ "out" "dev" "doc" ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , raw =
        S.action
          "raw"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "raw"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              derivation {
                name = "raw";
                system = "x86_64-linux";
                builder = "/bin/tool";
                args = [ "a" ];
                outputs = [ "" ];
              }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    }
