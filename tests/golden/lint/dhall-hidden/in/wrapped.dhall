let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let drv =
          D.derivation "inside" "/bin/sh" [ "-c", "curl https://example.org > \$out" ]
      //  { env = [ { name = "TITLE", value = "x" } ], allowSubstitutes = False, __impure = True }

in  { inside = S.action "inside" (D.nixCompat drv) }
