let S = env:STRAYLIGHT_PRELUDE

in  { tzdata =
            S.script "tzdata" [ "a/README" ] ([] : List Text)
        //  { commands =
              [ S.Builder.Command.Install
                  { from = "zones/UTC"
                  , to = "@prefix@/share/zoneinfo/UTC"
                  , mode = "644"
                  }
              , S.Builder.Command.Remove "@prefix@/tmp"
              ]
            , subdir = "a"
            }
    }
