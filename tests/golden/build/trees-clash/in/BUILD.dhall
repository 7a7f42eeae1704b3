let S = env:STRAYLIGHT_PRELUDE

in  { tree =
        S.genrule
          "tree"
          ([] : List Text)
          [ "tree" ]
          [ S.Command.Tree
              { output = "tree"
              , entries =
                [ { path = "x", from = S.Input.Source "one.txt" }
                , { path = "x", from = S.Input.Source "two.txt" }
                ]
              }
          ]
    }
