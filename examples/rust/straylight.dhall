let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains = S.Workspace.rust # S.Workspace.default.toolchains
    }
