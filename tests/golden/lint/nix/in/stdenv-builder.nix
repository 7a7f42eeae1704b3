{ stdenv, perl, fetchurl }:
stdenv.mkDerivation {
  name = "classic-1";
  builder = ./builder.sh;
  src = fetchurl { url = "http://example.org/c.tar.gz"; md5 = "x"; };
  inherit perl;
}
