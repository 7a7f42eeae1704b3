let S = env:STRAYLIGHT_PRELUDE

in      S.script "raw-copy" [ "a/README" ] ([] : List Text)
    //  { commands =
          [ S.Builder.Command.Mkdir "@prefix@/share"
          , S.Builder.Command.Copy { from = "README", to = "@prefix@/share/README" }
          ]
        , subdir = "a"
        }
