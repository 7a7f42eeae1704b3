let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

-- what this machine has
let clang = S.Toolchain.hostClang { packages = [ "zlib1g-dev" ] }

in  { bound = S.cxx_binary "bound" [ "a.c" ] none // { toolchain = Some clang }
    , called =
            S.cxx_binary "called" [ "a.c" ] none
        //  { toolchain = Some
                (S.Toolchain.hostClang { packages = [ "zlib1g-dev" ] }) -- here
            }
    , other =
            S.cxx_binary "other" [ "a.c" ] none
        //  { toolchain = Some (S.Toolchain.hostClang { packages = none }) }
    , plain = S.cxx_binary "plain" [ "a.c" ] none
    }
