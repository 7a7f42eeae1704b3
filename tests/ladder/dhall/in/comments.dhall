let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

{- This package has more
   comments than code. -}
in  -- made by hand
    D.mkDerivation
      -- as it is called upstream
      "talker"
      -- of the same repository
      (D.Input.Src "./src")
    //  { -- first of all
          version = Some "0.9" {- not yet -}
        , -- the default, said aloud
          buildPhase = Some "make"
        , allowSubstitutes = False -- it was too large once
        , -- to one place
          installPhase = Some
            "make install PREFIX=$out" -- and nowhere else
        , outputs = [ "out" ] -- last
        }
-- the end
