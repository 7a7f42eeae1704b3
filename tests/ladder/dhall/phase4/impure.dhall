let S = env:STRAYLIGHT_PRELUDE

in      S.autotools "stamp" [ "//sources:stamp" ] ([] : List Text)
