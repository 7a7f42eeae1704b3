let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { main =
            S.cxx_binary "main" [ "main.c" ] none
        //  { toolchain = Some (S.Toolchain.fromNix "nixpkgs#llvmPackages.clang") -- until it is captured
            , flags = [ S.Flag.Raw "-O2" ]
            }
    , tool =
            S.cxx_binary "tool" [ "tool.c" ] none
        //  { toolchain = Some (S.Toolchain.fromNix "nixpkgs#gcc") }
    , odd =
        let name = "clang"

        in      S.cxx_binary "odd" [ "odd.c" ] none
            //  { toolchain = Some (S.Toolchain.fromNix "nixpkgs#${name}") }
    }
