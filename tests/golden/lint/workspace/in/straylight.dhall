let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , lint = S.Level.dice-required
    , toolchains =
          toMap { cxx = ./toolchains/gcc.dhall }
        # S.Workspace.default.toolchains
    , ignore = [ "vendor" ]
    }
