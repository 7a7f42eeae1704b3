let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

{- Fonts are only copied. -}
in      D.constrained "mono-font"
          ( D.Builder.Script
              [ D.Command.Install { from = "mono.ttf", to = "$out/share/fonts/truetype/mono.ttf", mode = "644" }
              , D.Command.Mkdir "$out/share/doc"
              ]
          )
          [ D.ConstrainedInput.Store { name = "fonts", digest = "0a49a59d5c9498d06496d0e18b2de0d9ac8bbf1069b3e620bd821545fc52138f/82" }
          ]
    //  { allowedReferences = Some ([] : List Text) -- nothing but bytes
        }
