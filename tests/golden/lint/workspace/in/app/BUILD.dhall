let S = env:STRAYLIGHT_PRELUDE

let flags = ../flags.dhall

let none = [] : List Text

in  { app = S.cxx_binary "app" [ "main.c" ] none // { flags = flags.fast }
    , tool = S.cxx_binary "tool" [ "main.c" ] none
    }
