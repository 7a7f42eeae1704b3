let S = env:STRAYLIGHT_PRELUDE

in  { all = S.filegroup "all" [ "//app:hello", "//app:hello_shared" ]
    , tests = S.test_suite "tests" [ "//greet:greet_test" ]
    }
