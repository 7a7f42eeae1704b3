let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let raw = S.Flag.Raw

in  { pool =
            S.cxx_library "pool" [ "pool.c" ] [ "pool.h" ] none
        //  { flags = [ S.Flag.Pthread, S.Flag.OptLevel S.Flags.OptLevel.O2, S.Flag.PIC ] }
    , main =
            S.cxx_binary "main" [ "main.c" ] [ ":pool" ]
        //  { flags = [ S.Flag.March "x86-64-v3" -- servers only
                      , S.Flag.Define { name = "NDEBUG", value = None Text } ] }
    }
