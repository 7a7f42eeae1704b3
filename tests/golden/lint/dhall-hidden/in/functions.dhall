let D = (env:STRAYLIGHT_PRELUDE).Derivation

let L = ./lib.dhall

let base = D.mkDerivation "base" (D.drv "source") // { allowedReferences = Some [ "out" ] }

in  { env = L.withEnv base
    , nix = base // { buildInputs = [ D.Input.Nix (L.nix "pkgs.zlib") ] }
    , function = base // { function = "(args: stdenv.mkDerivation (args // { x = 1; }))" }
    , phases = base // { phases = Some [ D.Phase.Unpack, D.Phase.Custom "cd src && wget https://example.org/a" ] }
    , fetched = base // { src = D.Input.Fetch { url = "https://example.org/a", rev = None Text, sha256 = Some "" } }
    , store = base // { configureFlags = [ "--with-zlib=/nix" ++ "/store/x" ] }
    }
