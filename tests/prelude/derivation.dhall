-- Derivations: what is written as the roadmap writes it has these types and these defaults.
let D = ../../prelude/Derivation.dhall

let package = ../../prelude/package.dhall

let hello =
          D.mkDerivation "hello" (D.Input.Src ".")
      //  { buildPhase = Some "make"
          , installPhase = Some "make install PREFIX=$out"
          }

let raw =
          D.derivation "raw" "/bin/sh" [ "-c", "echo hi > $out" ]
      //  { env = [ { name = "LANG", value = "C" } ]
          , inputs =
            [ D.drv "zlib"
            , D.Input.Store { name = "src.tar", digest = "aa/1" }
            , D.Input.Nix (D.builtins.toNix "pkgs.openssl")
            , D.fetchurl { url = "https://example.org/a.tar", sha256 = "00" }
            , D.fetchgit
                { url = "https://example.org/a.git", rev = "1", sha256 = "00" }
            ]
          , outputs = [ D.output "out", D.output "dev" ]
          }

let strict =
          D.constrained
            "strict"
            ( D.Builder.Script
                [ D.Command.Configure [ "--prefix=$out" ]
                , D.Command.Make ([] : List Text)
                , D.Command.Run { program = "make", arguments = [ "install" ] }
                ]
            )
            [ D.ConstrainedInput.Drv
                { drv = "zlib", outputs = [ "out", "dev" ] }
            ]
      //  { allowedReferences = Some [ "out" ] }

let systems =
      \(system : D.System) ->
        merge
          { x86_64-linux = "x86_64-linux"
          , aarch64-linux = "aarch64-linux"
          , x86_64-darwin = "x86_64-darwin"
          , aarch64-darwin = "aarch64-darwin"
          }
          system

let rust = D.buildRustPackage "rg" (D.Input.Src ".") "sha256-00"

let haskell = D.mkHaskellPackage "pandoc" (D.Input.Src ".")

in  { types =
      { hello = hello : D.MkDerivation
      , raw = raw : D.Derivation
      , strict = strict : D.ConstrainedDerivation
      , builder = strict.builder : package.Builder.Builder
      , module = package.Derivation.mkDerivation "hello" (D.Input.Src ".")
      }
    , outputs = assert : hello.outputs === [ "out" ]
    , system = assert : systems raw.system === "x86_64-linux"
    , substitutes = assert : hello.allowSubstitutes === True
    , rust =
          assert
        :     { function = rust.function, cargoHash = rust.cargoHash }
          ===  { function = "rustPlatform.buildRustPackage"
               , cargoHash = Some "sha256-00"
               }
    , haskell = assert : haskell.function === "haskellPackages.mkDerivation"
    , nix = assert : D.builtins.toNix "pkgs.zlib" === { toNix = "pkgs.zlib" }
    }
