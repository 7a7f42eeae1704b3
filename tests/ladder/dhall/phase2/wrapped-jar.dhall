let S = env:STRAYLIGHT_PRELUDE

-- a jar with a starter, as many Java programs come
in      S.action
          "wrapped-jar"
          S.Action.Action::{
          , category = S.Action.ActionCategory.Custom "nix-compat"
          , identifier = "wrapped-jar"
          , inputs = [] : List S.Action.Input
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command =
            [ "nix"
            , "build"
            , "--no-link"
            , ''
              (import <nixpkgs> { }).callPackage ({ stdenv, app-1, jre }:

              stdenv.mkDerivation {
                pname = "wrapped-jar";
                version = "1.0";
                src = app-1."0".jar;
                buildInputs = [ jre ];
                phases = [ "installPhase" ];
                installPhase = '''
                  mkdir -p $out/bin $out/share/java
                  cp $src $out/share/java/app.jar
                  cat > $out/bin/app <<'END'
                  #!/bin/sh
                  exec java -jar app.jar
                  END
                  chmod 755 $out/bin/app
                ''';
              }) { }''
            ]
          , env = [] : List S.Action.EnvVar
          , toolchain = None S.Toolchain.Toolchain
          }
