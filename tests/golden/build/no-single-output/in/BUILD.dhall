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

in  { two = sh "two" ([] : List Text) [ "a", "b" ] "true"
    , use =
        S.genrule
          "use"
          ([] : List Text)
          [ "out" ]
          [ S.Command.Run S.Run::{ tool = S.Tool.Label { label = ":two", toolchains = [] : List Text }, stdout = Some "out" } ]
    , copy = S.genrule "copy" ([] : List Text) [ "out" ] [ S.Command.Copy { output = "out", from = S.Input.Source ":two" } ]
    }
