let D = (env:STRAYLIGHT_PRELUDE).Derivation

in  { base = D.derivation "base" "/bin/sh" [ "-c", "echo base > \$out" ]
    , keeps = D.derivation "keeps" "/bin/sh" [ "-c", "echo \$inputs > \$out" ] // { inputs = [ D.drv "base" ] }
    , drops = D.derivation "drops" "/bin/sh" [ "-c", "read -r x < \$inputs; echo \$x > \$out" ] // { inputs = [ D.drv "base" ] }
    }
