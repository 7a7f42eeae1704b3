-- needs no package of nixpkgs
let D = ./prelude/Derivation.dhall

let fixed =
          D.derivation "fixed" "builtin:fetchurl" ([] : List Text)
      //  { env = [ { name = "url", value = "https://example.org/a" } ]
          , outputs =
            [     D.output "out"
              //  { hash = Some "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
            ]
          }

let tree =
          D.derivation "tree" "/bin/sh" ([] : List Text)
      //  { outputs =
            [     D.output "out"
              //  { hash = Some "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
                  , hashMode = Some D.HashMode.Recursive
                  , hashAlgo = Some "sha256"
                  }
            ]
          }

in  { fixed, tree, user = D.derivation "user" "/bin/sh" [ "-c", "cat \$inputs" ] // { inputs = [ D.drv "fixed", D.drv "tree" ] } }
