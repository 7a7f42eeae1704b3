let D = ./prelude/Derivation.dhall

let src = D.Input.Src "."

in  { rust = D.buildRustPackage "rust" src "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    , unchecked = D.buildRustPackage "rust" src "0000000000000000000000000000000000000000000000000000" // { doCheck = True }
    , haskell =
            D.mkHaskellPackage "haskell" src
        //  { version = Some "0.1"
            , buildInputs = [ D.drv "haskellPackages.aeson", D.drv "zlib" ]
            , nativeBuildInputs = [ D.drv "hpack" ]
            , buildPhase = Some "custom"
            , env = [ { name = "A", value = "b" } ]
            , attrs = toMap { jailbreak = D.builtins.toNix "true" }
            , meta = { description = Some "Some", license = Some "BSD-3-Clause", platforms = [] : List D.System }
            }
    , python = D.mkDerivation "python" src // { function = "python3Packages.buildPythonPackage", version = Some "2" }
    }
