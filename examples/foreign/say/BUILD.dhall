let S = env:STRAYLIGHT_PRELUDE

in  { say =
            S.make "say" [ "Makefile", "say.c", "say.h", "test.sh" ] ([] : List Text)
        //  { check = True, outs = [ "lib/libsay.a" ], make_flags = [ "WORD=hello" ] }
    }
