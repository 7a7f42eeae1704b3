let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let flags = [ "--enable-shared" ]

in  { first = D.mkDerivation "first" (D.Input.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }) // { configureFlags = [ "--enable-shared", "CC=clang" ], allowedReferences = Some [ "out" ] }
    , second =
            D.constrained "second"
              ( D.Builder.Script
                  [ D.Command.Configure
                      [ "--prefix=$out"
                      , "--enable-shared"
                      , "--with-first"
                      ]
                  , D.Command.Run
                      { program = "env"
                      , arguments = [ "LD=ld.lld", "make", "stage1" ]
                      }
                  , D.Command.Run
                      { program = "env"
                      , arguments = [ "LD=ld.lld", "make", "stage2" ]
                      }
                  , D.Command.Make [ "install" ]
                  ]
              )
              [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
              , D.ConstrainedInput.Drv { drv = "first", outputs = [ "out" ] }
              ]
        //  { allowedReferences = Some [ "out", "first" ]
            }
    }
