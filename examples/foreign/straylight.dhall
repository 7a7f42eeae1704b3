{-  Packages that bring a build system of their own, and a program that uses them.  The programs that such builds
    need are captured as the compiler is: these of Debian's packages make, patch, pkgconf, cmake, ninja-build, meson.  -}
let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains =
          S.Workspace.foreign
        # S.Workspace.cmake
        # S.Workspace.meson
        # toMap { cxx = S.Toolchain.hostC { packages = [] : List Text } }
        # S.Workspace.default.toolchains
    }
