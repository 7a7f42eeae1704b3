let S = env:STRAYLIGHT_PRELUDE

in      S.script
          "part"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { commands =
          [ S.Builder.Command.Run
              { program = "sed"
              , arguments = [ "-i", "s|/usr/bin|/bin|g", "Makefile" ]
              }
          , S.Builder.Command.Configure [ "--prefix=@prefix@" ]
          , S.Builder.Command.Make [ "-C", "lib" ]
          , S.Builder.Command.Install
              { from = "lib/part", to = "@prefix@/bin/part", mode = "755" }
          ]
        , subdir = "src"
        }
