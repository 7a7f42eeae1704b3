let S = env:STRAYLIGHT_PRELUDE

in  { count =
            S.rust_binary "count" [ "main.rs", "detail.rs" ] [ "//words:words" ]
        //  { features = [ "detail" ] }
    , words_c =
            S.rust_library "words_c" [ "c.rs" ] [ "//words:words" ]
        //  { crate_type = S.CrateType.StaticLib }
    , count_cc =
            S.cxx_binary "count_cc" [ "main.cc" ] [ ":words_c" ]
        //  { private_hdrs = [ "words.h" ] }
    }
