let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { lib = S.cxx_library "lib" [ "a.c" ] [ "a.h" ] none
    , main = S.cxx_binary "main" [ "main.c" ] [ ":lib" ]
    , files = S.filegroup "files" [ "a.txt" ]
    , tests = S.test_suite "tests" none
    }
