-- several outputs, of its own and of what it uses
let D = ./prelude/Derivation.dhall

let openssl = \(outputs : List Text) -> D.Input.Drv { drv = "openssl", outputs }

in      D.mkDerivation "split" (D.Input.Src "./src")
    //  { version = Some "0.1"
        , outputs = [ "out", "dev", "doc", "man" ]
        , buildInputs = [ openssl [ "dev" ], openssl [ "out", "dev" ], openssl [ "out" ], D.drv "python3Packages.numpy" ]
        , propagatedBuildInputs = [ openssl [ "dev" ] ]
        , nativeBuildInputs = [ D.drv "cmake", D.drv "ninja" ]
        , allowedReferences = Some [ "out", "dev", "openssl", "python3Packages.numpy" ]
        , env = [ { name = "outputBin", value = "dev" } ]
        , attrs = toMap { passthru = D.builtins.toNix "{ dev = \"shadowed\"; }" }
        }
