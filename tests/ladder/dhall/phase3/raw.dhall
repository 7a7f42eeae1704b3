let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  D.derivation "raw" "/bin/sh" [ "-c", "curl https://example.org > \$out" ]
    //  { allowedReferences = Some [ "out" ] }
