let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

{- Fonts are only copied. -}
in      D.mkDerivation "mono-font" (D.Input.Src "./fonts")
    //  { installPhase = Some
            ''
            install -Dm644 mono.ttf $out/share/fonts/truetype/mono.ttf
            install -d $out/share/doc
            ''
        , allowedReferences = Some ([] : List Text) -- nothing but bytes
        }
