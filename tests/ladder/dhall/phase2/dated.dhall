let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "dated" (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" })
    //  { __impure = True, buildPhase = Some "make DATE=$(date +%F)", allowedReferences = Some [ "out" ] }
