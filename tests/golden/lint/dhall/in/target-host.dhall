let S = env:STRAYLIGHT_PRELUDE

let host = S.Toolchain.hostClang { packages = [] : List Text }

let pinned =
      S.Toolchain.mkClangToolchain
        "14"
        (S.Toolchain.Artifact.Tree "aa/1")
        S.Triple.x86_64_linux

let none = [] : List Text

in  { host = S.cxx_binary "host" [ "a.c" ] none // { toolchain = Some host }
    , pinned = S.cxx_binary "pinned" [ "a.c" ] none // { toolchain = Some pinned }
    , flags =
            S.cxx_binary "flags" [ "a.c" ] none
        //  { toolchain = Some (pinned // { flags = [ S.Flag.Raw "-pipe" ] }) }
    }
