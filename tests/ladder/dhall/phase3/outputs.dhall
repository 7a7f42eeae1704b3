let S = env:STRAYLIGHT_PRELUDE

in  { none = S.autotools "none" [ "//sources:a" ] ([] : List Text)
    , blank = S.autotools "blank" [ "//sources:a" ] ([] : List Text)
    , many =
        S.autotools "many" [ "//sources:a" ] ([] : List Text)
    , raw =
        S.action
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
                builder = "/bin/tool";
                args = [ "a" ];
                outputs = [ "" ];
              }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
    }
