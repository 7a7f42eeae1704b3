let S = env:STRAYLIGHT_PRELUDE

in  [ S.cxx_binary "app" [ "main.c" ] ([] : List Text) ]
