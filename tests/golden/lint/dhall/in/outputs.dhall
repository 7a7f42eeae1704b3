let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { none = D.mkDerivation "none" (D.drv "a") // { outputs = [] : List Text }
    , blank = D.mkDerivation "blank" (D.drv "a") // { outputs = [ "out", "" ] }
    , many =
        D.mkDerivation "many" (D.drv "a") // { outputs = [ "out", "dev", "doc" ] }
    , raw = D.derivation "raw" "/bin/tool" [ "a" ] // { outputs = [ D.output "" ] }
    }
