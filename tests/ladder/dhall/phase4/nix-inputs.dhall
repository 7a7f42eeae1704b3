let S = env:STRAYLIGHT_PRELUDE

in      -- for objects
        S.autotools "git" [ "//sources:git" ] ([] : List Text)
