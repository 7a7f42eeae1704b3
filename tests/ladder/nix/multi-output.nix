{ stdenv, cmake }:
stdenv.mkDerivation {
  pname = "greet";
  version = "2";
  src = ./sources/cmake;
  outputs = [ "out" "dev" ];
  nativeBuildInputs = [ cmake ];
}
