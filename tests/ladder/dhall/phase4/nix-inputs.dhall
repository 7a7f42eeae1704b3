let S = env:STRAYLIGHT_PRELUDE

in      -- for objects
        S.action
          "git"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "git"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, git-source, pkgs, curl }:

              stdenv.mkDerivation {
                name = "git";
                src = git-source;
                nativeBuildInputs = [ (pkgs.gettext) ];
                buildInputs = [ (pkgs.openssl.dev) (pkgs.zlib) curl ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
