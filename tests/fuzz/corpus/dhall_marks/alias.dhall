let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let mk = D.mkDerivation

let local = D.Input.Src

let make = \(name : Text) -> \(phase : Text) -> mk name (local "./src") // { buildPhase = Some phase }

in  { one = make "one" "make one", two = make "two" ("make " ++ "two") }
