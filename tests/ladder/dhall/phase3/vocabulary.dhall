(env:STRAYLIGHT_PRELUDE).autotools "a" [ "//sources:b" ] ([] : List Text)
