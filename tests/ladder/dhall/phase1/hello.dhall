let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let myPackage =
          D.mkDerivation "hello" (D.Input.Src ".")
      //  { makeFlags = [ "PREFIX=$(out)" ]
          , allowedReferences = Some [ "out" ]
          }

in  myPackage
