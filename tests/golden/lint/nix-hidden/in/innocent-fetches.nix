{ fetchurl, fetchFromGitHub, stdenv }:
let hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; in
stdenv.mkDerivation {
  name = "innocent-fetches";
  allowedReferences = [ ];
  src = fetchurl { url = "https://example.org/a"; inherit hash; };
  srcs = [ (fetchFromGitHub { owner = "a"; repo = "b"; rev = "1"; sha256 = hash; }) ];
}
