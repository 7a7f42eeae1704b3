let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let raw = S.Flag.Raw

in  { clean =
        S.cxx_library "clean" [ "a.c" ] none none // { flags = [ S.Flag.Pthread ] }
    , raw = S.cxx_library "raw" [ "a.c" ] none none // { flags = [ raw "-fno-plt" ] }
    , path =
            S.cxx_binary "path" [ "a.c" ] none
        //  { defines = [ "ZLIB=\"/nix/store/00-zlib\"" ] }
    }
