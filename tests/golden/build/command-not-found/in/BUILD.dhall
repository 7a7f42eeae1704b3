let S = env:STRAYLIGHT_PRELUDE

let sh =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(outs : List Text) ->
      \(script : Text) ->
        S.genrule
          name
          srcs
          outs
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sh"
              , arguments = [ S.word "-c", S.word script ]
              }
          ]

in  { one = sh "one" ([] : List Text) [ "out" ] "python3 -c 1" }
