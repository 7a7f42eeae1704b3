let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.constrained "part"
          ( D.Builder.Script
              [ D.Command.Substitute { path = "Makefile", from = "/usr/bin", to = "/bin" }
              , D.Command.Configure [ "--prefix=$out" ]
              , D.Command.Make [ "-C", "lib" ]
              , D.Command.Install { from = "lib/part", to = "$out/bin/part", mode = "755" }
              ]
          )
          [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
          ]
    //  { allowedReferences = Some [ "out" ]
        }
