let S = env:STRAYLIGHT_PRELUDE

in  { one =
        S.genrule
          "one"
          ([] : List Text)
          [ "late" ]
          [ S.Command.Copy { output = "copy", from = S.Input.Output "late" }
          , S.Command.Write { output = "late", content = S.word "text", executable = False }
          ]
    }
