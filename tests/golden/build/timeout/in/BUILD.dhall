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

let slow =
      S.genrule
        "slow"
        ([] : List Text)
        [ "out" ]
        [ S.Command.Run
            S.Run::{
            , tool = S.program "userland" "sh"
            , arguments = [ S.word "-c", S.word "echo begun >&2; sleep 100" ]
            , timeout = Some 1
            }
        ]

in  { slow }
