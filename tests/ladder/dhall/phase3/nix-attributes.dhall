let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "htop"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "htop"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, htop-source, ncurses }:

              stdenv.mkDerivation {
                name = "htop";
                src = htop-source;
                buildInputs = [ ncurses ];
                dontStrip = true;
                enableParallelBuilding = true;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
