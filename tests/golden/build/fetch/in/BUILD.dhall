let S = env:STRAYLIGHT_PRELUDE

let hash = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"

in  { file = S.http_archive "file" "file://@/text" hash // { type = S.ArchiveType.File }
    , gone = S.http_archive "gone" "file://@/gone" "00${hash}" // { mirrors = [ "ftp://host/x" ] }
    , other = S.http_archive "other" "file://@/text" "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    , lost = S.http_archive "lost" "file://@/lost" "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
          // { mirrors = [ "ftp://host/x" ] }
    , text = S.http_archive "text" "file://@/text" hash
    , net = S.http_archive "net" "https://host.invalid/x.tar.gz" "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    }
