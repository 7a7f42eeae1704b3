let S = env:STRAYLIGHT_PRELUDE

in  S.Derivation.mkDerivation "a" 1
