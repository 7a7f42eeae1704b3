-- what outputs may refer to: by outputs, by inputs, by store paths
let D = ./prelude/Derivation.dhall

let raw = D.derivation "raw" "/bin/sh" [ "-c", "echo > \$out" ] // { outputs = [ D.output "out", D.output "lib" ] }

let none = Some ([] : List Text)

in  { nothing = raw // { allowedReferences = none, allowedRequisites = none }
    , itself = raw // { allowedReferences = Some [ "out", "lib" ], disallowedRequisites = Some [ "lib" ] }
    , inputs =
            raw
        //  { inputs = [ D.drv "zlib", D.drv "nothing", D.Input.Drv { drv = "openssl", outputs = [ "dev" ] } ]
            , allowedReferences = Some [ "zlib", "nothing", "/nix/store/00000000000000000000000000000000-x" ]
            , disallowedReferences = Some [ "openssl" ]
            }
    , made =
            D.mkDerivation "made" (D.drv "inputs")
        //  { buildInputs = [ D.drv "sqlite", D.drv "inputs" ], allowedReferences = Some [ "sqlite", "inputs", "out" ] }
    , later = D.mkDerivation "later" (D.drv "made") // { allowedReferences = None (List Text), allowSubstitutes = False }
    }
