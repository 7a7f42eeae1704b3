let S = env:STRAYLIGHT_PRELUDE

in      S.script
          "many"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { commands =
          [ S.Builder.Command.Configure [ "--prefix=@prefix@" ]
          , S.Builder.Command.Make ([] : List Text)
          , S.Builder.Command.Copy { from = "one", to = "@prefix@/bin" }
          , S.Builder.Command.Copy { from = "two", to = "@prefix@/bin" }
          ]
        , subdir = "src"
        }
