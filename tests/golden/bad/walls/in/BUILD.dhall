let S = env:STRAYLIGHT_PRELUDE

let attack =
      S.Command.Run
        S.Run::{
        , tool = S.built ":climber"
        , arguments = [ S.source "input.txt" ]
        , stdout = Some "report.txt"
        }

in  { climber = S.cxx_binary "climber" [ "climber.c" ] ([] : List Text)
    , report =
        S.genrule "report" [ "input.txt" ] [ "report.txt" ] [ attack ]
    , caller =
        S.genrule
          "caller"
          ([] : List Text)
          [ "o" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.built ":climber"
              , arguments = [ S.word "--call" ]
              }
          ]
    }
