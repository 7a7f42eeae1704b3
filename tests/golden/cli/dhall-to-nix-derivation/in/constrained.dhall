let D = ./prelude/Derivation.dhall

let source =
      D.ConstrainedInput.Store
        { name = "a.tar.gz"
        , digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0"
        }

let zlib = D.ConstrainedInput.Drv { drv = "zlib", outputs = [ "out", "dev" ] }

let inputs = [ source, zlib ]

in  { cmake = D.constrained "cmake" (D.Builder.CMake { flags = [ "-DA=1" ], buildType = "Debug" }) inputs
    , release = D.constrained "release" (D.Builder.CMake { flags = [] : List Text, buildType = "Release" }) inputs
    , autotools =
            D.constrained "autotools" (D.Builder.Autotools { configureFlags = [ "--a" ], makeFlags = [ "b" ] }) inputs
        //  { outputs = [ "out", "dev" ], allowedReferences = Some [ "out", "zlib" ], system = D.System.aarch64-darwin }
    , meson = D.constrained "meson" (D.Builder.Meson { flags = [ "-Da=b" ] }) inputs
    , cargo = D.constrained "cargo" D.Builder.Cargo [ source ]
    , cabal = D.constrained "cabal" D.Builder.Cabal [ source, source ]
    , nothing = D.constrained "nothing" D.Builder.NoBuilder ([] : List D.ConstrainedInput)
    , copied = D.constrained "copied" D.Builder.NoBuilder [ source ] // { allowedReferences = None (List Text) }
    }
