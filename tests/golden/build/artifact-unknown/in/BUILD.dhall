let S = env:STRAYLIGHT_PRELUDE

in  { gone = S.artifact "gone" "0123456789012345678901234567890123456789012345678901234567890123/5"
    , odd = S.artifact "odd" "sha256:abc"
    }
