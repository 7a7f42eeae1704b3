-- texts that Nix reads in ways of its own
let D = ./prelude/Derivation.dhall

let value = \(name : Text) -> \(value : Text) -> { name, value }

in      D.derivation "texts" "/bin/sh" [ "-c", "echo \"\$out\" '\${x}' \\ \t\r\n" ]
    //  { env =
          [ value "a" "one\ntwo\n"
          , value "b" "  one\n  two"
          , value "c" "  one\ntwo\n\n\tthree"
          , value "d" "it's\n''quoted''"
          , value "e" "\${a}\n\$\${b}\n'\${c}'"
          , value "f" "\nafter"
          , value "g" "one\n   \ntwo"
          , value "h" "\${a}\nb\${c}"
          , value "i" "one\n two'"
          , value "j" "\$\n\$"
          , value "k" "x\n  "
          , value "l" "one\n\n"
          ]
        }
