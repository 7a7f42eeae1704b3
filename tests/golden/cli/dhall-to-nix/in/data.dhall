let U = < A : Natural | B | `c/d` : Text >

in  { natural = 1
    , integers = [ -1, +2, -9223372036854775808 ]
    , doubles = [ 1.5, -0.0, NaN, Infinity, -Infinity, 1.0e-30 ]
    , text = "a\"\${x} \n \\ \$"
    , `if` = True
    , none = None Natural
    , some = Some 2
    , empty = [] : List Natural
    , bytes = 0x"00ff"
    , moment = 2020-01-01T00:00:00Z
    , types = { a = Natural, b = List Text }
    , `a/b` = {=}
    , unions = [ U.A 3, U.B, U.`c/d` "x" ]
    , proof = assert : 1 + 1 === 2
    }
