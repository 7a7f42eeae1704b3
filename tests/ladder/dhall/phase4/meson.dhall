let S = env:STRAYLIGHT_PRELUDE

in      S.meson "glib" [ "//sources:glib" ] ([] : List Text)
