let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.constrained "patched-tool"
          ( D.Builder.Script
              [ D.Command.Substitute { path = "Makefile", from = "/usr/local", to = "$out" }
              , D.Command.Substitute { path = "Makefile", from = "gcc", to = "cc" }
              , D.Command.Patch { file = "fix.patch", strip = 1 }
              , D.Command.Configure [ "--prefix=$out" ]
              , D.Command.Make ([] : List Text)
              , D.Command.Make [ "install" ]
              , D.Command.PatchElf { path = "$out/bin/tool", interpreter = None Text, rpath = Some "$out/lib" }
              ]
          )
          [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
          , D.ConstrainedInput.Drv { drv = "patchelf", outputs = [ "out" ] }
          ]
    //  { allowedReferences = Some [ "out" ]
        }
