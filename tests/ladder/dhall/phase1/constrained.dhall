let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { autotools =
        D.constrained
          "hello"
          ( D.Builder.Autotools
              { configureFlags = [ "--disable-nls" ], makeFlags = [] : List Text }
          )
          [ D.ConstrainedInput.Store { name = "hello.tar", digest = "aa/1" } ]
    , cmake =
            D.constrained
              "tool"
              (D.Builder.CMake { flags = [] : List Text, buildType = "Release" })
              ([] : List D.ConstrainedInput)
        //  { allowedReferences = Some [ "out" ] }
    , script =
        D.constrained
          "script"
          ( D.Builder.Script
              [ D.Command.Untar { archive = "hello.tar", strip = 1 }
              , D.Command.Run { program = "make", arguments = [ "install" ] }
              ]
          )
          ([] : List D.ConstrainedInput)
    }
