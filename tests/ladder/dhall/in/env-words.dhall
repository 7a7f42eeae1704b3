let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in      D.mkDerivation "curl" (D.Input.Src "./src")
    //  { env =
          [ -- as the distribution has it
            { name = "CFLAGS", value = "-O2 -g" }
          , { name = "configureFlags", value = "--with-openssl --disable-ldap" }
          , { name = "enableParallelBuilding", value = "1" }
          ]
        , buildInputs = [ D.drv "openssl" ]
        }
