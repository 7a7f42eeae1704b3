let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "glib" (D.drv "glib-source")
    //  { nativeBuildInputs = [ D.drv "meson", D.drv "ninja", D.drv "pkg-config" ]
        , buildInputs = [ D.drv "libffi", D.drv "pcre2", D.drv "zlib" ]
        , propagatedBuildInputs = [ D.drv "util-linux" ]
        , allowSubstitutes = False
        }
