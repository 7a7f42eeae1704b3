let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { app = S.cxx_binary "app" [ "app.c" ] [ ":lib" ]
    , lib = S.cxx_library "lib" [ "lib.c" ] [ "lib.h" ] none
    }
