let S = env:STRAYLIGHT_PRELUDE

in  { fold = S.cxx_library "fold" [ "fold.c" ] [ "fold.h" ] ([] : List Text) }
