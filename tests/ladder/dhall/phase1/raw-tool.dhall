let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { table =
            D.constrained "table"
              ( D.Builder.Script
                  [ D.Command.Run
                      { program = "env"
                      , arguments = [ "MODE=fast", "gen", "--size", "16" ]
                      }
                  ]
              )
              [ D.ConstrainedInput.Drv { drv = "gen", outputs = [ "out" ] } ]
        //  { outputs = [ "out", "doc" ]
            , allowedReferences = Some [ "out", "doc", "gen" ]
            }
    }
