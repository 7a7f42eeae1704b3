let S = env:STRAYLIGHT_PRELUDE

in  { first =
            S.make "first" [ "a/README" ] ([] : List Text)
        //  { prefix_variable = "prefix", subdir = "a" }
    , second =
        S.autotools "second" [ "//sources:b" ] ([] : List Text)
    }
