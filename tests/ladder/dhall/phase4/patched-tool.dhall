let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "patched-tool"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "patched-tool"
          , inputs =
            [ S.Action.Input.Source "src/Makefile"
            , S.Action.Input.Source "src/configure"
            , S.Action.Input.Source "src/lib/lib.c"
            , S.Action.Input.Source "src/main.c"
            ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, patchelf }:

              stdenv.mkDerivation {
                name = "patched-tool";
                src = ./src;
                nativeBuildInputs = [ patchelf ];
                patchPhase = '''
                  substituteInPlace Makefile \
                    --replace /usr/local $out \
                    --replace gcc cc
                  patch -p1 < fix.patch
                ''';
                fixupPhase = "patchelf --set-rpath $out/lib $out/bin/tool";
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
