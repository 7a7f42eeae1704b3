-- functions that others use
let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let R = S.Flag

let withEnv = \(d : D.MkDerivation) -> d with env = [ { name = "A", value = "b" } ] with allowSubstitutes = False

let pick = \(raw : Bool) -> if raw then R.Raw else R.W

let nix = \(text : Text) -> { toNix = text }

in  { withEnv, pick, nix }
