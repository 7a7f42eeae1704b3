-- members that replace packages, use what they replace, and change what others gave
let D = ./prelude/Derivation.dhall

let nix = \(text : Text) -> D.Input.Nix (D.builtins.toNix text)

in  { zlib =
            D.mkDerivation "zlib" (D.Input.Src "./src")
        //  { version = Some "9"
            , buildInputs = [ D.drv "zlib", nix "zlib.overrideAttrs (old: { LEVEL = 9; })", nix "(zlib.overrideAttrs (old: old)).dev" ]
            }
    , openssl = D.mkDerivation "openssl" (nix "builtins.toFile \"openssl.c\" \"\"") // { buildInputs = [ D.drv "zlib" ] }
    , user =
            D.mkDerivation "user" (D.drv "openssl")
        //  { function = "python3Packages.buildPythonPackage"
            , version = Some "1"
            , buildInputs = [ D.drv "openssl", D.drv "zlib", D.drv "sqlite" ]
            }
    , raw = D.derivation "raw" "/bin/sh" [ "-c", "cat \$inputs > \$out" ] // { inputs = [ D.drv "user", D.drv "zlib", D.drv "raw2" ] }
    , raw2 = D.derivation "raw2" "/bin/sh" [ "-c", "echo > \$out" ]
    }
