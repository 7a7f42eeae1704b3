let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let base = D.mkDerivation "base" (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }) // { buildInputs = [ D.drv "zlib" ], allowedReferences = Some [ "out", "zlib" ] }

-- debug is base, not stripped
in  { base, debug = base // { name = "base-debug", dontStrip = True, env = [] : List D.EnvVar, src = D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }, makeFlags = [ "DEBUG=1" ], allowedReferences = Some [ "out", "zlib" ] } }
