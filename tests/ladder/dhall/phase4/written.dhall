let S = env:STRAYLIGHT_PRELUDE

in      S.action
          "service"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "service"
          , inputs = [ S.Action.Input.Source "tool/tool.sh" ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv }:

              stdenv.mkDerivation {
                name = "service";
                src = ./tool;
                installPhase = '''
                  mkdir -p $out/etc
                  cat > $out/etc/service.conf <<'END'
                  [service]
                  start = "tool"
                  END
                  echo "level = 3" >> $out/etc/service.conf
                  ln -s service.conf $out/etc/default.conf
                ''';
                meta = {
                  platforms = [ "aarch64-linux" ];
                };
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
