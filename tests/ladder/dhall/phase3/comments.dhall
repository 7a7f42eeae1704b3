let S = env:STRAYLIGHT_PRELUDE

{- This package has more
   comments than code. -}
in  -- made by hand
    -- as it is called upstream
    -- of the same repository
    -- first of all
    {- not yet -} -- the default, said aloud
    -- it was too large once
    -- to one place
    -- and nowhere else
    -- last
    S.autotools
      "talker"
      [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
      ([] : List Text)
//  { make_flags = [ "PREFIX=@prefix@" ], subdir = "src" }
-- the end
