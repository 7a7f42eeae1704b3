let S = env:STRAYLIGHT_PRELUDE

in  -- a plain Makefile
    -- one page
    S.autotools
      "tree"
      [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
      ([] : List Text)
//  { make_flags = [ "prefix=@prefix@" ], subdir = "src" }
