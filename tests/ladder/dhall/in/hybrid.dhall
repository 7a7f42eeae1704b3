let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { new = S.cxx_library "new" [ "new.c" ] [ "new.h" ] ([] : List Text)
    , old = D.mkDerivation "old" (D.Input.Src "./src") // { makeFlags = [ "V=1" ], installPhase = Some "make install V=1 PREFIX=$out" }
    }
