let S = env:STRAYLIGHT_PRELUDE

in  { note =
            S.meson "note" [ "meson.build", "meson_options.txt", "note.c", "note.h", "test.c" ] ([] : List Text)
        //  { check = True
            , options = [ { name = "text", value = "noted" } ]
            , shared_libs = [ "libnote.so.1" ]
            }
    }
