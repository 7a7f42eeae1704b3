-- sources of the network and of the store, by each form of hash, as sources, patches and inputs
let D = ./prelude/Derivation.dhall

let zeros = "0000000000000000000000000000000000000000000000000000"

let sri = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

let file = \(sha256 : Text) -> D.fetchurl { url = "https://example.org/a b?c=\${d}&e=\"f\"", sha256 }

in  { one = D.mkDerivation "one" (file zeros) // { patches = [ file sri, D.Input.Src "fix.patch", D.Input.Src "./src" ] }
    , two =
            D.mkDerivation "two" (D.fetchgit { url = "https://example.org/a.git", rev = "v1.0", sha256 = zeros })
        //  { buildInputs = [ D.fetchgit { url = "https://example.org/a.git", rev = "v1.0", sha256 = sri } ] }
    , three =
        D.mkDerivation
          "three"
          ( D.Input.Store
              { name = "c-1.0.tar.gz", digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0" }
          )
    , four = D.derivation "four" "/bin/sh" [ "-c", "cp \$inputs \$out" ] // { inputs = [ file zeros, D.drv "three" ] }
    }
