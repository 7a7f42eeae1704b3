let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- a jar with a starter, as many Java programs come
in      D.constrained "wrapped-jar"
          ( D.Builder.Script
              [ D.Command.Mkdir "$out/bin"
              , D.Command.Mkdir "$out/share/java"
              , D.Command.Copy { from = "app-1.0.jar", to = "$out/share/java/app.jar" }
              , D.Command.Write { path = "$out/bin/app", content = "#!/bin/sh\nexec java -jar app.jar\n" }
              , D.Command.Chmod { path = "$out/bin/app", mode = "755" }
              ]
          )
          [ D.ConstrainedInput.Drv { drv = "app-1.0.jar", outputs = [ "out" ] }
          , D.ConstrainedInput.Drv { drv = "jre", outputs = [ "out" ] }
          ]
    //  { allowedReferences = Some [ "out", "jre" ]
        }
