let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { greet = D.derivation "greet" "/bin/sh" [ "-c", "echo hello > \$out" ] // { env = [ { name = "TZ", value = "UTC" } ] }
    , both =
            D.derivation "both" "/bin/sh" [ "-c", "for file in \$inputs; do read -r x < \$file; echo \$x; done > \$out" ]
        //  { inputs = [ D.drv "greet", D.Input.Src "source.txt", D.Input.Store { name = "word.txt", digest = "DIGEST" } ] }
    }
