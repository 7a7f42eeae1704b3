let S = env:STRAYLIGHT_PRELUDE

in  { input =
            S.autotools "a" [ "//sources:a" ] ([] : List Text)
    , attribute =
            S.autotools "b" [ "//sources:b" ] ([] : List Text)
    }
