let S = env:STRAYLIGHT_PRELUDE

in  { greet =
            S.autotools
              "greet"
              [ "Makefile.in", "configure", "greet.c", "greet.h", "test.c" ]
              [ "//say:say" ]
        //  { check = True
            , configure_flags = [ "--with-say=@SAY@" ]
            , locations = toMap { SAY = "//say:say" }
            , patches = [ "polite.patch" ]
            }
    }
