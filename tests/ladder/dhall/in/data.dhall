let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { tzdata =
            D.derivation "tzdata" "/bin/sh" [ "-c", "install -Dm644 zones/UTC \$out/share/zoneinfo/UTC && rm -rf \$out/tmp" ]
        //  { inputs = [ D.Input.Src "./a" ] }
    }
