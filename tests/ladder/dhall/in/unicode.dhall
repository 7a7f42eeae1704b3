let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- größer als nötig, λ
in      D.mkDerivation "größe" (D.drv "größe-source")
    //  { meta =
          { description = Some "prüft \"Größen\" \\ Maße"
          , license = None Text
          , platforms = [ D.System.x86_64-linux ]
          }
        , installPhase = Some "install -m644 'größe.txt' $out/größe.txt"
        }
