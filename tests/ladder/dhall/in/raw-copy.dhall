let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.derivation
          "raw-copy"
          "/bin/bash"
          [ "-e", "-c", "mkdir -p \$out/share\ncp README \$out/share/README" ]
    //  { inputs = [ D.Input.Src "./a", D.drv "coreutils" ] }
