let S = env:STRAYLIGHT_PRELUDE

let step =
      \(name : Text) ->
      \(script : Text) ->
        S.genrule
          name
          ([] : List Text)
          [ "${name}.txt" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sh"
              , arguments = [ S.word "-c", S.word script ]
              , stdout = Some "${name}.txt"
              }
          ]

in  { quick = step "quick" "echo quick"
    , slow = step "slow" "sleep 600"
    , slower = step "slower" "sleep 601"
    }
