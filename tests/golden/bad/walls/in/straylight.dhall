let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains = toMap
        { cxx = S.Toolchain.hostC { packages = [] : List Text }
        , userland = S.Toolchain.hostUserland { programs = [ "sh", "cat" ] }
        }
    }
