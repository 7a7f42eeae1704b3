let S = env:STRAYLIGHT_PRELUDE

let deps = [ "//count:count", "//greet:greet", "//note:note" ]

in  { app = S.cxx_binary "app" [ "main.c" ] deps
    , app_shared = S.cxx_binary "app_shared" [ "main.c" ] deps // { link_style = S.LinkStyle.Shared }
    }
