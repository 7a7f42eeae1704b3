let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  (D.mkDerivation "tree" (D.Input.Src "./src"))
    -- a plain Makefile
    with buildPhase = Some "make"
    with installPhase = Some "make install prefix=$out"
    -- one page
    with meta.description = Some "lists folders"
    with version = Some "2.1"
