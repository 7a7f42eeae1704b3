let S = env:STRAYLIGHT_PRELUDE

in  { sum = S.cxx_binary "sum" [ "main.c" ] [ "//lib:add" ] }
