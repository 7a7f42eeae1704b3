let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { input =
            D.mkDerivation "a" (D.drv "a-source")
        //  { buildInputs = [ D.Input.Drv { drv = "openssl", outputs = [ "dev" ] } ], allowedReferences = Some [ "out", "openssl" ] }
    , attribute =
            D.mkDerivation "b" (D.drv "b-source")
        //  { attrs = toMap { hardeningDisable = D.builtins.toNix "[ \"all\" ]" }, allowedReferences = Some [ "out" ] }
    }
