let S = env:STRAYLIGHT_PRELUDE

in  { one =
        S.genrule
          "one"
          ([] : List Text)
          [ "out" ]
          [ S.Command.Run S.Run::{ tool = S.program "userland" "python3", stdout = Some "out" } ]
    }
