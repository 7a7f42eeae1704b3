let S = env:STRAYLIGHT_PRELUDE

in  S.action
      "raw"
      S.Action.Action::{
      , category = S.Action.ActionCategory.Custom "nix-compat"
      , identifier = "raw"
      , inputs = [] : List S.Action.Input
      , outputs = [ { name = "out", binding = Some "out" } ]
      , command =
        [ "nix"
        , "build"
        , "--no-link"
        , ''
          derivation {
            name = "raw";
            system = "x86_64-linux";
            builder = "/bin/sh";
            args = [ "-c" "curl https://example.org > $out" ];
          }''
        ]
      , env = [] : List S.Action.EnvVar
      , toolchain = None S.Toolchain.Toolchain
      }
