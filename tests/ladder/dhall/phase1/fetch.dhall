let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

in  { hashed =
        D.mkDerivation
          "hashed"
          (D.fetchurl { url = "https://example.org/a.tar", sha256 = "00" })
        //  { allowedReferences = Some [ "out" ] }
    , git =
        D.mkDerivation
          "git"
          ( D.fetchgit
              { url = "https://example.org/a.git", rev = "1", sha256 = "00" }
          )
        //  { allowedReferences = Some [ "out" ] }
    , loose =
        D.mkDerivation
          "loose"
          ( D.Input.Fetch
              { url = "https://example.org/a.tar"
              , rev = None Text
              , sha256 = None Text
              }
          )
        //  { allowedReferences = Some [ "out" ] }
    }
