-- variables: names that are no identifiers, keywords, values of every kind of byte
let D = ./prelude/Derivation.dhall

let value = \(name : Text) -> \(value : Text) -> { name, value }

in  { raw =
            D.derivation "variables" "/bin/sh" [ "", "-c", "\u0001\u007F é 日本 \\\\\${a}" ]
        //  { env =
                [ value "if" "then"
                , value "a.b" "c"
                , value "A-b'" ""
                , value "with space" "\t"
                , value "0" "1"
                , value "ünïcode" "ß"
                , value "Z" "\$\${x}\$"
                ]
            , preferLocalBuild = True
            }
    , made =
            D.mkDerivation "variables" (D.Input.Src "./src")
        //  { env = [ value "NIX_CFLAGS_COMPILE" "-O2 -DX=\"y z\"", value "inherit" "x", value "GOFLAGS" "" ]
            , makeFlags = [ "CC=\$(CC)", "A=\"b c\"", "" ]
            }
    }
