let D = ./prelude/Derivation.dhall

let fixed = D.output "out" // { hash = Some "00" }

in  { none = D.derivation "none" "/bin/sh" ([] : List Text) // { outputs = [] : List D.Output }
    , two = D.derivation "two" "/bin/sh" ([] : List Text) // { outputs = [ fixed, D.output "dev" ] }
    }
