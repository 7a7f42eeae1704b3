let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains =
          S.Workspace.foreign
        # S.Workspace.autoreconf
        # S.Workspace.cmake
        # S.Workspace.meson
        # S.Workspace.default.toolchains
    }
