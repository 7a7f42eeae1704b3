let D = (env:STRAYLIGHT_PRELUDE).Derivation

let src = D.drv "source"

in  { line =
            D.mkDerivation "line" src
        //  { -- straylight-lint: allow E1202: the Makefile has no install target
              installPhase = Some "cp a \$out"
            , allowedReferences = None (List Text) -- straylight-lint: allow any-reference: it is a compiler
            }
    , -- straylight-lint: allow-target custom-phase, E1208: goes with the next release
      whole = D.mkDerivation "whole" src // { buildPhase = Some "make", checkPhase = Some "make check" }
    , -- straylight-lint: allow E1208
      no-reason = D.mkDerivation "no-reason" src
    , -- straylight-lint: allow E9999: what is that
      no-rule = D.mkDerivation "no-rule" src
    , -- straylight-lint: permit E1208: please
      no-verb = D.mkDerivation "no-verb" src
    , -- straylight-lint: allow raw-env: it had one
      idle = D.mkDerivation "idle" src // { allowedReferences = Some [ "out" ] }
    }
