let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

-- what all of them take
let src = D.Input.Src "./src"

in  { user =
            D.mkDerivation "user" src
        //  { buildInputs = [ D.drv "base", D.drv "zlib" ] -- base is the one below
            , makeFlags = [ "PREFIX=$(out)" ]
            , doCheck = True
            }
    , base = D.mkDerivation "base" src // { makeFlags = [ "PREFIX=$(out)" ], outputs = [ "out", "dev" ] }
    , tool =
            D.mkDerivation "tool" src
        //  { version = Some "2.0"
            , buildPhase = Some "true"
            , installPhase = Some
                ''
                mkdir -p $out/bin
                cp tool.sh $out/bin/tool
                chmod +x $out/bin/tool
                ''
            }
    , fetched =
            D.mkDerivation
              "fetched"
              ( D.fetchurl
                  { url = "https://example.org/a-1.0.tar.gz"
                  , sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
                  }
              )
        //  { configureFlags = [ "--disable-nls" ] }
    , gadgets = D.mkDerivation "gadgets" src // { buildInputs = [ D.drv "gadget" ], installPhase = Some "make install PREFIX=$out" }
    , shell = D.mkDerivation "shell" src // { installPhase = Some "ls | sort > $out" }
    , needs-shell = D.mkDerivation "needs-shell" src // { buildInputs = [ D.drv "shell" ] }
    , far = D.mkDerivation "far" src // { system = D.System.aarch64-linux }
    }
