let S = env:STRAYLIGHT_PRELUDE

in  { git =
        S.action
          "plugin-git"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "plugin-git"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, git-source, libgit2 }:

              stdenv.mkDerivation {
                name = "plugin-git";
                src = git-source;
                buildInputs = [ libgit2 ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    , lsp =
        S.action
          "plugin-lsp"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "plugin-lsp"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, lsp-source }:

              stdenv.mkDerivation {
                name = "plugin-lsp";
                src = lsp-source;
                LANG = "C";
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    }
