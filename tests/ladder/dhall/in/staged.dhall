let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let flags = [ "--enable-shared" ]

in  { first = D.mkDerivation "first" (D.Input.Src "./src") // { configureFlags = flags, env = [ { name = "CC", value = "clang" } ] }
    , second =
            D.mkDerivation "second" (D.Input.Src "./src")
        //  { configureFlags = flags # [ "--with-first" ]
            , buildInputs = [ D.drv "first" ]
            , buildPhase = Some "export LD=ld.lld; make stage1; make stage2"
            }
    }
