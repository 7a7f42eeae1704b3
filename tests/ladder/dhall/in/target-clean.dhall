let S = env:STRAYLIGHT_PRELUDE

in  { words =
        S.genrule
          "words"
          [ "words.in" ]
          [ "words" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sort"
              , arguments = [ S.word "-u", S.source "words.in" ]
              , stdout = Some "words"
              }
          ]
    , copy = S.filegroup "copy" [ "words.in" ]
    }
