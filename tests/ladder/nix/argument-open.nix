{ stdenv, fetchurl, version, mirrors }: {
  named = stdenv.mkDerivation { name = "tool-${version}"; src = ./sources/make; };
  fetched = stdenv.mkDerivation { name = "tool-1"; src = fetchurl { url = "${mirrors}/tool.tar.gz"; sha256 = "1ayhp9v4m4rdhjmnl2bq3cibrbqqkgjbl3s7yk2nhlh8vj3ay16g"; }; };
}
