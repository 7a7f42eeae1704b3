let S = env:STRAYLIGHT_PRELUDE

{- Fonts are only copied. -}
in      -- nothing but bytes
        S.script "mono-font" [ "fonts/mono.ttf" ] ([] : List Text)
    //  { commands =
          [ S.Builder.Command.Install
              { from = "mono.ttf"
              , to = "@prefix@/share/fonts/truetype/mono.ttf"
              , mode = "644"
              }
          , S.Builder.Command.Mkdir "@prefix@/share/doc"
          ]
        , subdir = "fonts"
        }
