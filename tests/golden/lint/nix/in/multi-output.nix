{ stdenv, fetchurl }:
stdenv.mkDerivation {
  pname = "lib";
  version = "3";
  src = fetchurl { url = "https://example.org/l.tar.gz"; sha256 = "x"; };
  outputs = [ "out" "dev" "doc" ];
  outputBin = "dev";
}
