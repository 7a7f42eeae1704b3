let S = env:STRAYLIGHT_PRELUDE

in  { autotools =
        S.action
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
                configureFlags = [ "--disable-nls" ];
                allowedReferences = [ ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , cmake =
            S.action
              "tool"
              S.Action.Action::{
              , category = S.Action.ActionCategory.Custom "nix-compat"
              , identifier = "tool"
              , inputs = [] : List S.Action.Input
              , outputs = [ { name = "out", binding = Some "out" } ]
              , command =
                [ "nix"
                , "build"
                , "--no-link"
                , ''
                  (import <nixpkgs> { }).callPackage ({ stdenv, cmake }:

                  stdenv.mkDerivation {
                    name = "tool";
                    nativeBuildInputs = [ cmake ];
                  }) { }''
                ]
              , env = [] : List S.Action.EnvVar
              , toolchain = None S.Toolchain.Toolchain
              }
    , script =
        S.script "script" ([] : List Text) ([] : List Text)
    //  { commands =
          [ S.Builder.Command.Untar { archive = "hello.tar", strip = 1 }
          , S.Builder.Command.Make [ "install" ]
          ]
        }
    }
