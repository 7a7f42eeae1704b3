let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { greet =
            S.cxx_library "greet" [ "greet.c", "shout.cc" ] [ "greet.h" ] none
        //  { private_hdrs = [ "shout.h" ]
            , cxx_std = Some S.CxxStd.Cxx17
            , c_std = Some S.CStd.C17
            }
    , greet_test =
            S.cxx_test "greet_test" [ "greet_test.c" ] [ ":greet" ]
        //  { args = [ "world" ] }
    }
