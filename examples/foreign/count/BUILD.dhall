let S = env:STRAYLIGHT_PRELUDE

in  { count =
            S.cmake "count" [ "CMakeLists.txt", "src/count.c", "src/count.h", "src/test.c" ] ([] : List Text)
        //  { check = True
            , definitions = [ { name = "COUNT_FROM", value = "41" } ]
            , outs = [ "lib/cmake/count/count.cmake" ]
            }
    }
