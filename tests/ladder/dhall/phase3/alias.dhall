let S = env:STRAYLIGHT_PRELUDE

in  { one =
            S.script
              "one"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { commands =
              [ S.Builder.Command.Configure [ "--prefix=@prefix@" ]
              , S.Builder.Command.Make [ "one" ]
              , S.Builder.Command.Make [ "install" ]
              ]
            , subdir = "src"
            }, two =
            S.script
              "two"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { commands =
              [ S.Builder.Command.Configure [ "--prefix=@prefix@" ]
              , S.Builder.Command.Make [ "two" ]
              , S.Builder.Command.Make [ "install" ]
              ]
            , subdir = "src"
            } }
