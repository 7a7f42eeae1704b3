let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "jq" (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" })
    //  { version = Some "1.7"
        , patches =
          [ D.Input.Store { name = "paths.patch", digest = "6e53bf2ad8f234c60294a05a013874a211fe3c03653f48df43ac4ec085ab9a24/12" } -- where the manual is
          , D.Input.Store { name = "tests.patch", digest = "ac0b99ba63c5c75d0846d3c368531a60e54e853a9ef861be060b299a16448100/12" }
          ]
        , buildInputs = [ D.drv "oniguruma" ]
        , configureFlags = [ "--disable-maintainer-mode" ]
        , doCheck = True
        , allowedReferences = Some [ "out", "oniguruma" ]
        }
