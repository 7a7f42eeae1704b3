{ a = (env:STRAYLIGHT_PRELUDE).autotools "a" [ "//sources:a" ] ([] : List Text), b = (env:STRAYLIGHT_PRELUDE).autotools "b" [ "//sources:b" ] ([] : List Text) }
