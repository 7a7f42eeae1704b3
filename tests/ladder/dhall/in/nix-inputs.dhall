let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let pkgs = D.builtins.toNix

in      D.mkDerivation "git" (D.drv "git-source")
    //  { buildInputs =
          [ D.Input.Nix (pkgs "pkgs.openssl.dev")
          , D.Input.Nix (pkgs "pkgs.zlib") -- for objects
          , D.drv "curl"
          ]
        , nativeBuildInputs = [ D.Input.Nix (pkgs "pkgs.gettext") ]
        }
