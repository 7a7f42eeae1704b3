let S = env:STRAYLIGHT_PRELUDE

in  { libs = { zlib =
            S.make "zlib" [ "zlib/zlib.c" ] ([] : List Text)
        //  { prefix_variable = "prefix", subdir = "zlib" } }
    , apps = { cli = { main =
        S.action
          "cli"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "cli"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, cli-source }:

              stdenv.mkDerivation {
                name = "cli";
                src = cli-source;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          } } }
    }
