let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { tool =
            D.constrained "tool"
              ( D.Builder.Script
                  [ D.Command.Mkdir "$out/bin"
                  , D.Command.Copy { from = "tool.sh", to = "$out/bin/tool" }
                  , D.Command.Chmod { path = "$out/bin/tool", mode = "+x" }
                  , D.Command.Substitute { path = "$out/bin/tool", from = "@version@", to = "2.0" }
                  ]
              )
              [ D.ConstrainedInput.Store { name = "tool", digest = "bb578faba0b4250340c18f7c39556ed8763811d9bc81121e362bb97a1fcb5843/81" }
              , D.ConstrainedInput.Drv { drv = "bash", outputs = [ "out" ] }
              ]
        //  { allowedReferences = Some [ "out", "bash" ]
            }
    }
