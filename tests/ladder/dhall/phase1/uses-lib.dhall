let package = ./lib.dhall

in  { a = package "a"
          //  { checkPhase = None Text
              , allowedReferences = Some [ "out" ]
              }, b = package "b" // { checkPhase = None Text, allowedReferences = Some [ "out" ] } }
