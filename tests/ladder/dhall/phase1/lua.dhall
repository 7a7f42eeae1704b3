let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let version = "5.4.6"

in      D.constrained "lua"
          ( D.Builder.Script
              [ D.Command.Configure [ "--prefix=$out" ]
              , D.Command.Make [ "linux", "MYCFLAGS=-fPIC" ]
              , D.Command.Make
                  [ "install"
                  , "INSTALL_TOP=$out"
                  , "TO_LIB=liblua.a"
                  ]
              ]
          )
          [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
          ]
    //  { allowedReferences = Some [ "out" ]
        }
