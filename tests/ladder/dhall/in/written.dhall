let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "service" (D.Input.Src "./tool")
    //  { installPhase = Some
            ''
            mkdir -p $out/etc
            cat > $out/etc/service.conf <<'END'
            [service]
            start = "tool"
            END
            echo "level = 3" >> $out/etc/service.conf
            ln -s service.conf $out/etc/default.conf
            ''
        , system = D.System.aarch64-linux
        }
