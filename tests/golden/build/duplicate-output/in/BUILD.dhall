let S = env:STRAYLIGHT_PRELUDE

in  { app = S.cxx_binary "app" [ "main.c", "main.c" ] ([] : List Text) }
