let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { tzdata =
            D.constrained "tzdata"
              ( D.Builder.Script
                  [ D.Command.Install { from = "zones/UTC", to = "$out/share/zoneinfo/UTC", mode = "644" }
                  , D.Command.Remove "$out/tmp"
                  ]
              )
              [ D.ConstrainedInput.Store { name = "a", digest = "d711836c47746e9b5275273e6a4020a4dfae7edae69a7b76023d55869b8aa06a/80" }
              ]
        //  { allowedReferences = Some [ "out" ] }
    }
