let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { none = D.mkDerivation "none" (D.drv "a") // { allowedReferences = Some [ "out" ] }
    , blank = D.mkDerivation "blank" (D.drv "a") // { outputs = [ "out" ], allowedReferences = Some [ "out" ] }
    , many =
        D.mkDerivation "many" (D.drv "a") // { outputs = [ "out", "dev", "doc" ], allowedReferences = Some [ "out", "dev", "doc" ] }
    , raw = D.constrained "raw"
              ( D.Builder.Script
                  [ D.Command.Run { program = "tool", arguments = [ "a" ] }
                  ]
              )
              ([] : List D.ConstrainedInput) // { allowedReferences = Some [ "out" ] }
    }
