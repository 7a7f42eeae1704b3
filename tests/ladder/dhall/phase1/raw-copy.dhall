let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.constrained
          "raw-copy"
          ( D.Builder.Script
              [ D.Command.Mkdir "$out/share"
              , D.Command.Copy { from = "README", to = "$out/share/README" }
              ]
          )
          [ D.ConstrainedInput.Store { name = "a", digest = "d711836c47746e9b5275273e6a4020a4dfae7edae69a7b76023d55869b8aa06a/80" }
          , D.ConstrainedInput.Drv { drv = "coreutils", outputs = [ "out" ] }
          ]
    //  { allowedReferences = Some [ "out", "coreutils" ] }
