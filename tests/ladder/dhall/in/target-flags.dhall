let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let raw = S.Flag.Raw

in  { pool =
            S.cxx_library "pool" [ "pool.c" ] [ "pool.h" ] none
        //  { flags = [ raw "-pthread", raw "-O2", S.Flag.PIC ] }
    , main =
            S.cxx_binary "main" [ "main.c" ] [ ":pool" ]
        //  { flags = [ S.Flag.Raw "-march=x86-64-v3" -- servers only
                      , S.Flag.Raw "-DNDEBUG" ] }
    }
