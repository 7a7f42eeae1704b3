let S = env:STRAYLIGHT_PRELUDE

in  { tool =
            S.script "tool" [ "tool/tool.sh" ] ([] : List Text)
        //  { commands =
              [ S.Builder.Command.Mkdir "@prefix@/bin"
              , S.Builder.Command.Copy { from = "tool.sh", to = "@prefix@/bin/tool" }
              , S.Builder.Command.Chmod { path = "@prefix@/bin/tool", mode = "+x" }
              , S.Builder.Command.Substitute
                  { path = "@prefix@/bin/tool", from = "@version@", to = "2.0" }
              ]
            , subdir = "tool"
            }
    }
