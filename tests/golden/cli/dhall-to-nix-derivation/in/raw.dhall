-- every attribute of a plain derivation, each other than its default
let D = ./prelude/Derivation.dhall

in      D.derivation "raw" "/bin/sh" [ "-c", "echo > \$out" ]
    //  { system = D.System.x86_64-darwin
        , env = [ { name = "A", value = "b" } ]
        , inputs = [ D.drv "zlib", D.Input.Src "./raw.dhall", D.Input.Nix (D.builtins.toNix "builtins.toFile \"a\" \"b\"") ]
        , outputs = [ D.output "out", D.output "dev" ]
        , allowedReferences = Some [ "zlib" ]
        , allowedRequisites = Some [ "out" ]
        , disallowedReferences = Some ([] : List Text)
        , disallowedRequisites = Some [ "dev" ]
        , preferLocalBuild = True
        , allowSubstitutes = False
        , __impure = True
        }
