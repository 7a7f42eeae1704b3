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

let seen = \(v : S.Visibility) -> \(name : Text) -> sh name ([] : List Text) [ "out" ] "true" // { common = S.Target.common name // { visibility = v } }

in  { private = seen S.Visibility.Private "private"
    , package = seen S.Visibility.Package "package"
    , some = seen (S.Visibility.Targets [ "//lib/...", "//other:*" ]) "some"
    }
