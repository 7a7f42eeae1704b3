let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- a jar with a starter, as many Java programs come
in      D.mkDerivation "wrapped-jar" (D.drv "app-1.0.jar")
    //  { version = Some "1.0"
        , phases = Some [ D.Phase.Install ]
        , buildInputs = [ D.drv "jre" ]
        , installPhase = Some
            ''
            mkdir -p $out/bin $out/share/java
            cp $src $out/share/java/app.jar
            cat > $out/bin/app <<'END'
            #!/bin/sh
            exec java -jar app.jar
            END
            chmod 755 $out/bin/app
            ''
        }
