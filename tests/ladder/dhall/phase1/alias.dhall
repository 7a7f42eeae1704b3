let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let mk = D.mkDerivation

let local = D.Input.Src

let make = \(name : Text) -> \(phase : Text) -> mk name (local "./src") // { buildPhase = Some phase }

in  { one = D.constrained
              "one"
              ( D.Builder.Script
                  [ D.Command.Configure [ "--prefix=$out" ]
                  , D.Command.Make [ "one" ]
                  , D.Command.Make [ "install" ]
                  ]
              )
              [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
              ]
            //  { allowedReferences = Some [ "out" ] }, two = D.constrained
                                           "two"
                                           ( D.Builder.Script
                                               [ D.Command.Configure
                                                   [ "--prefix=$out"
                                                   ]
                                               , D.Command.Make [ "two" ]
                                               , D.Command.Make [ "install" ]
                                               ]
                                           )
                                           [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
                                           ]
                                         //  { allowedReferences = Some
                                                 [ "out"
                                                 ] } }
