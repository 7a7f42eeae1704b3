let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "pinned"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "pinned"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, pinned-source }:

              stdenv.mkDerivation {
                name = "pinned";
                src = pinned-source;
                buildInputs = [ (import ./zlib.drv) ];
                configureFlags = [ "--with-zlib=/nix/store/00-zlib" ];
                allowedReferences = [ ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
