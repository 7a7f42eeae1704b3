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

in  { b = sh "b" ([] : List Text) [ "c/d" ] "echo 1 > straylight-out/a/b/c/d" }
