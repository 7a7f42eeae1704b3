let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let src = D.Input.Store { name = "hello.tar", digest = "aa/1" }

in  D.mkDerivation "hello" src // { allowedReferences = Some [ "out" ] }
