let S = env:STRAYLIGHT_PRELUDE

in  { add = S.cxx_library "add" [ "add.c" ] [ "add.h" ] ([] : List Text)
    , add_test = S.cxx_test "add_test" [ "add_test.c" ] [ ":add" ]
    , bad_test = S.cxx_test "bad_test" [ "bad_test.c" ] [ ":add" ]
    }
