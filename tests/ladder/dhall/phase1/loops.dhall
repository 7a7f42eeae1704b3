let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.constrained "many"
          ( D.Builder.Script
              [ D.Command.Configure [ "--prefix=$out" ]
              , D.Command.Make ([] : List Text)
              , D.Command.Copy { from = "one", to = "$out/bin" }
              , D.Command.Copy { from = "two", to = "$out/bin" }
              ]
          )
          [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
          ]
    //  { allowedReferences = Some [ "out" ]
        }
