let S = env:STRAYLIGHT_PRELUDE

in  { fetch = S.cxx_test "fetch" [ "fetch.c" ] ([] : List Text)
    , page =
        S.genrule
          "page"
          ([] : List Text)
          [ "page" ]
          [ S.Command.Run S.Run::{ tool = S.built ":fetch", stdout = Some "page" } ]
    }
