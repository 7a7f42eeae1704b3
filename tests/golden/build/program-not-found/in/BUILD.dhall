let S = env:STRAYLIGHT_PRELUDE

let run =
      \(name : Text) ->
      \(file : Text) ->
        S.genrule
          name
          [ file ]
          [ "out" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.Tool.Label { label = ":" ++ name ++ "-file", toolchains = [] : List Text }
              , stdout = Some "out"
              }
          ]

let program =
      \(name : Text) -> \(file : Text) -> S.filegroup (name ++ "-file") [ file ]

in  { plain = run "plain" "plain.txt"
    , plain-file = program "plain" "plain.txt"
    , script = run "script" "script.py"
    , script-file = program "script" "script.py"
    }
