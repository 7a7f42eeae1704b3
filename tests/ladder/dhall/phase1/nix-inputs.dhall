let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let pkgs = D.builtins.toNix

in      D.mkDerivation "git" (D.drv "git-source")
    //  { buildInputs =
          [ D.Input.Drv { drv = "openssl", outputs = [ "dev" ] }
          , D.drv "zlib" -- for objects
          , D.drv "curl"
          ]
        , nativeBuildInputs = [ D.drv "gettext" ]
        , allowedReferences = Some [ "out", "openssl", "zlib", "curl" ]
        }
