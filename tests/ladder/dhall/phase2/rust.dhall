let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "rg"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "rg"
          , inputs =
            [ S.Action.Input.Source "a/README"
            , S.Action.Input.Source "alias.dhall"
            , S.Action.Input.Source "builtin-fetch.dhall"
            , S.Action.Input.Source "bzip2.dhall"
            , S.Action.Input.Source "cmake.dhall"
            , S.Action.Input.Source "comments.dhall"
            , S.Action.Input.Source "constrained.dhall"
            , S.Action.Input.Source "crates.dhall"
            , S.Action.Input.Source "custom-phase.dhall"
            , S.Action.Input.Source "data.dhall"
            , S.Action.Input.Source "dated.dhall"
            , S.Action.Input.Source "default.nix"
            , S.Action.Input.Source "env-words.dhall"
            , S.Action.Input.Source "env.dhall"
            , S.Action.Input.Source "fetch.dhall"
            , S.Action.Input.Source "fetched-blob.dhall"
            , S.Action.Input.Source "fonts.dhall"
            , S.Action.Input.Source "fonts/mono.ttf"
            , S.Action.Input.Source "function-made.dhall"
            , S.Action.Input.Source "haskell-package.dhall"
            , S.Action.Input.Source "haskell.dhall"
            , S.Action.Input.Source "hello.dhall"
            , S.Action.Input.Source "hybrid.dhall"
            , S.Action.Input.Source "impure.dhall"
            , S.Action.Input.Source "jq.dhall"
            , S.Action.Input.Source "let-source.dhall"
            , S.Action.Input.Source "lib.dhall"
            , S.Action.Input.Source "list.dhall"
            , S.Action.Input.Source "loops.dhall"
            , S.Action.Input.Source "lua.dhall"
            , S.Action.Input.Source "meson.dhall"
            , S.Action.Input.Source "multi-output.dhall"
            , S.Action.Input.Source "native.dhall"
            , S.Action.Input.Source "nested.dhall"
            , S.Action.Input.Source "nix-attributes.dhall"
            , S.Action.Input.Source "nix-inputs.dhall"
            , S.Action.Input.Source "nothing.dhall"
            , S.Action.Input.Source "outputs.dhall"
            , S.Action.Input.Source "overrides.dhall"
            , S.Action.Input.Source "package-list.dhall"
            , S.Action.Input.Source "patched-tool.dhall"
            , S.Action.Input.Source "patches/paths.patch"
            , S.Action.Input.Source "patches/tests.patch"
            , S.Action.Input.Source "pipes.dhall"
            , S.Action.Input.Source "plain.dhall"
            , S.Action.Input.Source "raw-copy.dhall"
            , S.Action.Input.Source "raw-tool.dhall"
            , S.Action.Input.Source "raw.dhall"
            , S.Action.Input.Source "rust-package.dhall"
            , S.Action.Input.Source "script.dhall"
            , S.Action.Input.Source "src/Makefile"
            , S.Action.Input.Source "src/configure"
            , S.Action.Input.Source "src/lib/lib.c"
            , S.Action.Input.Source "src/main.c"
            , S.Action.Input.Source "staged.dhall"
            , S.Action.Input.Source "store-path.dhall"
            , S.Action.Input.Source "subfolder.dhall"
            , S.Action.Input.Source "suppressed.dhall"
            , S.Action.Input.Source "target-clean.dhall"
            , S.Action.Input.Source "target-cxx.dhall"
            , S.Action.Input.Source "target-flags.dhall"
            , S.Action.Input.Source "target-from-nix.dhall"
            , S.Action.Input.Source "target-genrule.dhall"
            , S.Action.Input.Source "target-host.dhall"
            , S.Action.Input.Source "target-network.dhall"
            , S.Action.Input.Source "to-nix.dhall"
            , S.Action.Input.Source "tool/tool.sh"
            , S.Action.Input.Source "toolchains/gcc.dhall"
            , S.Action.Input.Source "unicode.dhall"
            , S.Action.Input.Source "updated.dhall"
            , S.Action.Input.Source "uses-lib.dhall"
            , S.Action.Input.Source "vocabulary.dhall"
            , S.Action.Input.Source "with-chain.dhall"
            , S.Action.Input.Source "wrapped-jar.dhall"
            , S.Action.Input.Source "wrapped.dhall"
            , S.Action.Input.Source "written.dhall"
            , S.Action.Input.Source "zlib-autoconf.dhall"
            , S.Action.Input.Source "zlib/zlib.c"
            ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ rustPlatform }:

              rustPlatform.buildRustPackage {
                pname = "rg";
                version = "14.0";
                src = ./.;
                cargoHash = "sha256-00";
                doCheck = false;
                allowedReferences = [ "out" ];
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
