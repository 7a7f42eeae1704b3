let S = env:STRAYLIGHT_PRELUDE

in      S.autotools "htop" [ "//sources:htop" ] ([] : List Text)
