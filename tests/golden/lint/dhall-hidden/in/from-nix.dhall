let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let nix = S.Toolchain.fromNix

let of = \(what : Text) -> nix "nixpkgs#${what}"

in  { lib = S.cxx_library "lib" [ "a.c" ] none none // { toolchain = Some (of "gcc") }
    , bounded = S.cxx_library "bounded" [ "a.c" ] none none // { toolchain = Some ./toolchains/gcc.dhall }
    }
