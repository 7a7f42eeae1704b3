let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { tool =
            D.mkDerivation "tool" (D.Input.Src "./tool")
        //  { version = Some "2.0"
            , propagatedBuildInputs = [ D.drv "bash" ]
            , installPhase = Some
                ''
                # no Makefile here
                mkdir -p $out/bin
                cp tool.sh $out/bin/tool
                chmod +x $out/bin/tool
                substituteInPlace $out/bin/tool --replace @version@ $version
                ''
            }
    }
