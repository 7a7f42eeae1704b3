let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { table =
            D.derivation "table" "/nix/store/00000000000000000000000000000000-gen/bin/gen" [ "--size", "16" ]
        //  { env = [ { name = "MODE", value = "fast" } ]
            , inputs = [ D.drv "gen" ]
            , outputs = [ D.output "out", D.output "doc" ]
            }
    }
