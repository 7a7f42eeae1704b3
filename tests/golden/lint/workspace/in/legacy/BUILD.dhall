let A = (env:STRAYLIGHT_PRELUDE).Action

in  { zlib =
        A.action
          "zlib"
          A.Action::{
          , category = A.ActionCategory.Custom "nix-compat"
          , identifier = "zlib-1.3"
          , inputs = [ A.Input.Source "default.nix" ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command = [ "nix", "build", "--no-link", "(import ./default.nix {})" ]
          }
    }
