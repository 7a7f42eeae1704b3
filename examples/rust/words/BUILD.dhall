let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { sum =
            S.rust_library "sum" [ "sum.rs" ] none
        //  { crate_type = S.CrateType.ProcMacro }
    , words =
            S.rust_library
              "words"
              [ "lib.rs", "split.rs", "stop.txt" ]
              [ "//fold:fold" ]
        //  { proc_macro = [ ":sum" ] }
    , words_test =
            S.rust_test
              "words_test"
              [ "lib.rs", "split.rs", "stop.txt" ]
              [ "//fold:fold" ]
        //  { proc_macro = [ ":sum" ] }
    }
