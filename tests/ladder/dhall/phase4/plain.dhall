let S = env:STRAYLIGHT_PRELUDE

in  S.action
      "hello"
      S.Action.Action::{
      , category = S.Action.ActionCategory.Custom "nix-compat"
      , identifier = "hello"
      , inputs = [ S.Action.Input.Artifact { name = "hello.tar", digest = "aa/1" } ]
      , outputs = [ { name = "out", binding = Some "out" } ]
      , command =
        [ "nix"
        , "build"
        , "--no-link"
        , ''
          (import <nixpkgs> { }).callPackage ({ stdenv }:

          stdenv.mkDerivation {
            name = "hello";
            src = <artifact/hello.tar>;
            allowedReferences = [ "out" ];
          }) { }''
        ]
      , env = [] : List S.Action.EnvVar
      , toolchain = None S.Toolchain.Toolchain
      }
