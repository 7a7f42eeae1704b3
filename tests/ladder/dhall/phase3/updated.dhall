let S = env:STRAYLIGHT_PRELUDE

in  S.autotools "deep" [ "//sources:deep" ] ([] : List Text)
