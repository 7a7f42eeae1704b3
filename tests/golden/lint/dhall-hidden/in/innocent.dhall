-- S.Flag.Raw "-x", mkDerivation and /nix/store stand in a comment; curl, too
let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let Run = S.Command.Run

let run = \(tool : Text) -> \(arguments : List Text) -> Run S.Run::{ tool = S.program "userland" tool, arguments = S.List.map Text S.Analysis.Word S.word arguments }

in  { lib = S.cxx_library "curl" [ "wget.c" ] [ "Raw.h" ] none // { flags = [ S.Flag.Define { name = "RAW", value = None Text } ], includes = [ "scp" ] }
    , a = S.genrule "a" none [ "a" ] [ run "touch" [ "a", "-c", "curl" ] ]
    , b = S.genrule "b" none [ "b" ] [ run "sh" [ "script.sh", "curl" ] ]
    , c = S.genrule "c" none [ "c" ] [ run "git" [ "--version" ] ]
    , d = S.genrule "d" none [ "driver.drv.c" ] [ run "cp" [ "fetch", "driver.drv.c" ] ]
    }
