let S = env:STRAYLIGHT_PRELUDE

in  { first =
            S.make "first" [ "a/README" ] ([] : List Text)
        //  { prefix_variable = "prefix", subdir = "a" }
    , second =
        S.action
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
    }
