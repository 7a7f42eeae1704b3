let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "jq" (D.Input.Src "./src")
    //  { version = Some "1.7"
        , patches =
          [ D.Input.Src "./patches/paths.patch" -- where the manual is
          , D.Input.Src "./patches/tests.patch"
          ]
        , buildInputs = [ D.drv "oniguruma" ]
        , configureFlags = [ "--disable-maintainer-mode" ]
        , doCheck = True
        }
