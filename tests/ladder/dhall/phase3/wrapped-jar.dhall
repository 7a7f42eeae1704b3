let S = env:STRAYLIGHT_PRELUDE

-- a jar with a starter, as many Java programs come
in      S.script "wrapped-jar" [ "//sources:app" ] [ "//java:jre" ]
    //  { commands =
          [ S.Builder.Command.Mkdir "@prefix@/bin"
          , S.Builder.Command.Mkdir "@prefix@/share/java"
          , S.Builder.Command.Copy
              { from = "@at_app_1_0_jar@", to = "@prefix@/share/java/app.jar" }
          , S.Builder.Command.Write
              { path = "@prefix@/bin/app"
              , content =
                  ''
                  #!/bin/sh
                  exec java -jar app.jar
                  ''
              }
          , S.Builder.Command.Chmod { path = "@prefix@/bin/app", mode = "755" }
          ]
        , locations = toMap { at_app_1_0_jar = "//sources:app" }
        }
