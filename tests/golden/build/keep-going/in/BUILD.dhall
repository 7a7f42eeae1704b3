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

in  { bad1 = sh "bad1" ([] : List Text) [ "out" ] "echo one >&2; exit 1"
    , bad2 = sh "bad2" ([] : List Text) [ "out" ] "echo two >&2; exit 2"
    , good = sh "good" ([] : List Text) [ "out" ] "echo fine > straylight-out/good/out"
    , after1 = sh "after1" [ ":bad1", ":good" ] [ "out" ] "true"
    , after2 = sh "after2" [ ":after1", ":bad2" ] [ "out" ] "true"
    }
