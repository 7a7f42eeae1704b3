let S = env:STRAYLIGHT_PRELUDE

in  { libs = { zlib =
            S.make "zlib" [ "zlib/zlib.c" ] ([] : List Text)
        //  { prefix_variable = "prefix", subdir = "zlib" } }
    , apps = { cli = { main = S.autotools "cli" [ "//sources:cli" ] ([] : List Text) } }
    }
