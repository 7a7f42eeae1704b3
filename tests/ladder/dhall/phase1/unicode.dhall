let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- größer als nötig, λ
in      D.constrained "größe"
          ( D.Builder.Script
              [ D.Command.Install { from = "größe.txt", to = "$out/größe.txt", mode = "644" }
              ]
          )
          [ D.ConstrainedInput.Drv { drv = "größe-source", outputs = [ "out" ] }
          ]
    //  { allowedReferences = Some [ "out" ]
        }
