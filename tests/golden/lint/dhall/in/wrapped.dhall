let S = env:STRAYLIGHT_PRELUDE

let A = S.Action

in  { hello =
        S.action
          "hello"
          A.Action::{
          , category = A.ActionCategory.Custom "nix-compat"
          , identifier = "hello-2.12"
          , inputs = [ A.Input.Source "default.nix" ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command = [ "nix", "build", "--no-link", "(import ./default.nix {})" ]
          }
    , by-hand =
        S.action
          "by-hand"
          A.Action::{
          , identifier = "by hand"
          , outputs = [ { name = "out", binding = None Text } ]
          , command = [ "nix-build", "other.nix", "-o", "out" ]
          }
    }
