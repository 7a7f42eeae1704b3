let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.buildRustPackage "rg" (D.Input.Src ".") "sha256-00"
    //  { version = Some "14.0", allowedReferences = Some [ "out" ] }
