let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let base = D.mkDerivation "base" (D.Input.Src "./src") // { buildInputs = [ D.drv "zlib" ] }

-- debug is base, not stripped
in  { base, debug = base // { name = "base-debug", dontStrip = True, env = [ { name = "DEBUG", value = "1" } ] } }
