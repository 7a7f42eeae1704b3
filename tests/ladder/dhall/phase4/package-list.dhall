let S = env:STRAYLIGHT_PRELUDE

in  { one =
            S.make "one" [ "a/README" ] ([] : List Text)
        //  { prefix_variable = "prefix", subdir = "a" }
    , two =
        S.autotools "two" [ "//sources:two" ] [ ":one" ]
    , three =
            S.autotools "three" [ "//sources:three" ] ([] : List Text)
        //  { env = [ { name = "V", value = "1" } ] }
    }
