let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "names"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "names"
          , inputs = [ S.Action.Input.Source "a/README" ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv }:

              stdenv.mkDerivation {
                name = "names";
                src = (./. + "/a");
                installPhase = "ls | sort > $out";
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
