{-  Lua 5.4 from Debian's source package: copy this file and BUILD.dhall to the top of the unpacked
    source (apt-get source lua5.4), then `straylight build`.  -}
let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains = toMap { cxx = S.Toolchain.hostC { packages = [] : List Text } }
    , mode = S.Mode.Release
    }
