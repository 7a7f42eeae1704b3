let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.derivation "blob" "builtin:fetchurl" ([] : List Text)
    //  { outputs =
          [ D.output "out" // { hashMode = Some D.HashMode.Flat, hashAlgo = Some "sha256", hash = Some "00" } ]
        , allowedReferences = Some [ "out" ]
        }
