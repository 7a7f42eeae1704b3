let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.constrained "curl"
          ( D.Builder.Autotools
              { configureFlags =
                  [ "CFLAGS=-O2 -g"
                  , "--with-openssl"
                  , "--disable-ldap"
                  ]
              , makeFlags = [] : List Text
              }
          )
          [ D.ConstrainedInput.Store { name = "src", digest = "eaf2df1a718d199450e1a2ff9b6625c0cc2e38b1a2195ac1db7bb443a6222387/322" }
          , D.ConstrainedInput.Drv { drv = "openssl", outputs = [ "out" ] }
          ]
    //  { -- as the distribution has it
          allowedReferences = Some [ "out", "openssl" ]
        }
