let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.constrained "service"
          ( D.Builder.Script
              [ D.Command.Mkdir "$out/etc"
              , D.Command.Write { path = "$out/etc/service.conf", content = "[service]\nstart = \"tool\"\n" }
              , D.Command.Append { path = "$out/etc/service.conf", content = "level = 3\n" }
              , D.Command.Symlink { target = "service.conf", link = "$out/etc/default.conf" }
              ]
          )
          [ D.ConstrainedInput.Store { name = "tool", digest = "bb578faba0b4250340c18f7c39556ed8763811d9bc81121e362bb97a1fcb5843/81" }
          ]
    //  { system = D.System.aarch64-linux
        , allowedReferences = Some [ "out" ]
        }
