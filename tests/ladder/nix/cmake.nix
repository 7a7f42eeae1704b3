{ stdenv, cmake, ninja }:
stdenv.mkDerivation {
  pname = "greet";
  version = "1.4.0";
  src = ./sources/cmake;
  nativeBuildInputs = [ cmake ninja ];
  cmakeFlags = [ "-DLOUD=ON" ];
}
