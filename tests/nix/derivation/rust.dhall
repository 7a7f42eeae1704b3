-- packages of languages beside those of stdenv, one below the other
let D = ./prelude/Derivation.dhall

let sri = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

in  { core = D.buildRustPackage "core" (D.Input.Src "./src") sri // { version = Some "1.0.0-rc.1+x", nativeBuildInputs = [ D.drv "pkg-config" ] }
    , bindings =
            D.mkDerivation "bindings" (D.Input.Src "./src")
        //  { function = "python3Packages.buildPythonPackage", version = Some "3", propagatedBuildInputs = [ D.drv "core" ] }
    , tool =
            D.mkHaskellPackage "tool" (D.Input.Src "./src")
        //  { version = Some "2", buildInputs = [ D.drv "haskellPackages.aeson" ], configureFlags = [ "-O2" ], doCheck = True
            , env = [ { name = "CORE", value = "yes" } ]
            , patches = [ D.Input.Src "fix.patch" ]
            }
    }
