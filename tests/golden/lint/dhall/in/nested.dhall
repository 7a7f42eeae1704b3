let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { libs = { zlib = D.mkDerivation "zlib" (D.Input.Src "zlib") }
    , apps = { cli = { main = D.mkDerivation "cli" (D.drv "cli-source") } }
    }
