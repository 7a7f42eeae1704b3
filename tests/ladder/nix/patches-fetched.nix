{ stdenv, fetchpatch }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  patches = [
    ./sources/loud.patch
    (fetchpatch { url = "https://example.org/fix.patch"; sha256 = "1ayhp9v4m4rdhjmnl2bq3cibrbqqkgjbl3s7yk2nhlh8vj3ay16g"; })
  ];
}
