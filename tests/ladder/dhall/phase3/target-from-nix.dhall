let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { here =
            S.cxx_binary "here" [ "a.c" ] none
        //  { toolchain = Some (./toolchains/clang.dhall) }
    , there =
            S.cxx_binary "there" [ "a.c" ] none
        //  { toolchain = Some ./toolchains/gcc.dhall }
    }
