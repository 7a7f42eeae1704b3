let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "names" (D.Input.Store { name = "a", digest = "d711836c47746e9b5275273e6a4020a4dfae7edae69a7b76023d55869b8aa06a/80" })
    //  { installPhase = Some "ls | sort > $out", allowedReferences = Some [ "out" ] }
