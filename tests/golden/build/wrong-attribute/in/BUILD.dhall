let S = env:STRAYLIGHT_PRELUDE

in  { app = S.cxx_binary "app" [ "main.c" ] ([] : List Text) // { copts = "-O3" }
    , lib = S.cxx_library "lib" [ "lib.c" ] ([] : List Text) ([] : List Text) // { unknown = True }
    }
