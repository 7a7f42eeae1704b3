let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let C = D.Command

let script = \(name : Text) -> \(run : C) -> D.constrained name (D.Builder.Script [ C.Mkdir "\$out", run ]) ([] : List D.ConstrainedInput)

let Run = S.Command.Run

let sh = S.program "userland" "sh"

let none = [] : List Text

in  { shell = script "shell" (C.Run { program = "bash", arguments = [ "-ec", "cp a \$out" ] })
    , network = script "network" (C.Run { program = "/usr/bin/env", arguments = [ "-i", "curl", "https://example.org" ] })
    , raw = D.derivation "raw" "/usr/bin/env" [ "LC_ALL=C", "sh", "-c", "git clone x" ] // { allowedReferences = Some none }
    , step = S.genrule "step" none [ "a" ] [ Run S.Run::{ tool = sh, arguments = [ S.word "-e", S.word "-c", S.word "wget x -O a" ] } ]
    , fetch =
        S.genrule
          "fetch"
          none
          [ "a" ]
          [ Run S.Run::{ tool = S.program "userland" "git", arguments = [ S.word "-C", S.word "/tmp", S.word "clone", S.word "x" ] } ]
    }
