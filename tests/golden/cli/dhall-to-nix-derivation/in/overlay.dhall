-- a record is an overlay, whose members may use each other
let D = ./prelude/Derivation.dhall

in  { hello = D.mkDerivation "hello" (D.Input.Src ".") // { buildInputs = [ D.drv "tool", D.drv "zlib" ] }
    , tool = D.derivation "tool" "/bin/sh" [ "-c", "echo > \$out" ]
    , odd-name = D.derivation "odd" "/bin/sh" [ "-c", "cat \$inputs > \$out" ] // { inputs = [ D.drv "tool" ] }
    }
