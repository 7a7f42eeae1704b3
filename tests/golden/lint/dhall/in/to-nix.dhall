let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { input =
            D.mkDerivation "a" (D.drv "a-source")
        //  { buildInputs = [ D.Input.Nix (D.builtins.toNix "pkgs.openssl.dev") ] }
    , attribute =
            D.mkDerivation "b" (D.drv "b-source")
        //  { attrs = toMap { hardeningDisable = D.builtins.toNix "[ \"all\" ]" } }
    }
