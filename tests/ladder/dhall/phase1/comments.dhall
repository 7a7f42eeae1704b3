let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

{- This package has more
   comments than code. -}
in  -- made by hand
    D.mkDerivation
      -- as it is called upstream
      "talker"
      -- of the same repository
      (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" })
    //  { -- first of all
          version = Some "0.9" {- not yet -}
        -- the default, said aloud
        -- it was too large once
        -- to one place
        -- and nowhere else
        , outputs = [ "out" ] -- last
        , makeFlags = [ "PREFIX=$(out)" ]
        , allowedReferences = Some [ "out" ]
        }
-- the end
