let S = env:STRAYLIGHT_PRELUDE

in  { hello =
            S.cxx_binary "hello" [ "main.c", ":motto" ] [ "//greet:greet" ]
        //  { flags = [ S.Flag.Warnings S.Flags.Warnings.All ] }
    , hello_shared =
            S.cxx_binary "hello_shared" [ "main.c", ":motto" ] [ "//greet:greet" ]
        //  { link_style = S.LinkStyle.Shared }
    , motto =
        S.genrule
          "motto"
          [ "motto.txt" ]
          [ "motto.c" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sed"
              , arguments =
                [ S.word "s/.*/const char motto[] = \"&\";/", S.source "motto.txt" ]
              , stdout = Some "motto.c"
              }
          ]
    }
