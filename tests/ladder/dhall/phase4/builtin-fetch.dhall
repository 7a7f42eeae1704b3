let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "blob"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "blob"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              derivation {
                name = "blob";
                system = "x86_64-linux";
                builder = "builtin:fetchurl";
                outputHash = "00";
                outputHashAlgo = "sha256";
                allowedReferences = [ ];
              }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
