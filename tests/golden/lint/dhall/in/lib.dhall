let D = (env:STRAYLIGHT_PRELUDE).Derivation

in  \(name : Text) ->
      D.mkDerivation name (D.drv "${name}-source") // { checkPhase = Some "make check" }
