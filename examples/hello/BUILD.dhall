let S = env:STRAYLIGHT_PRELUDE

in  { programs = S.filegroup "programs" [ "//app:hello", "//app:hello_shared" ]
    , tests = S.test_suite "tests" [ "//greet:greet_test" ]
    }
