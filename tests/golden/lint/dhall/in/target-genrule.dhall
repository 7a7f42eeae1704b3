let S = env:STRAYLIGHT_PRELUDE

in  { direct =
        S.genrule
          "direct"
          [ "a" ]
          [ "b" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sort"
              , arguments = [ S.source "a" ]
              , stdout = Some "b"
              }
          ]
    , shell =
        S.genrule
          "shell"
          [ "a" ]
          [ "b" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sh"
              , arguments = [ S.word "-ec", S.word "sort a > b" ]
              }
          ]
    , script =
        S.genrule
          "script"
          [ "gen.sh" ]
          [ "b" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sh"
              , arguments = [ S.source "gen.sh" ]
              , stdout = Some "b"
              }
          ]
    }
