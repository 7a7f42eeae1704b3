let S = env:STRAYLIGHT_PRELUDE

in      -- where the manual is
        S.action
          "jq"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "jq"
          , inputs =
            [ S.Action.Input.Source "src/Makefile"
            , S.Action.Input.Source "src/configure"
            , S.Action.Input.Source "src/lib/lib.c"
            , S.Action.Input.Source "src/main.c"
            , S.Action.Input.Source "patches/paths.patch"
            , S.Action.Input.Source "patches/tests.patch"
            ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, oniguruma }:

              stdenv.mkDerivation {
                pname = "jq";
                version = "1.7";
                src = ./src;
                patches = [ ./patches/paths.patch ./patches/tests.patch ];
                buildInputs = [ oniguruma ];
                configureFlags = [ "--disable-maintainer-mode" ];
                doCheck = true;
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
