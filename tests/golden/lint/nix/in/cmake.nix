{ stdenv, cmake, ninja, fetchFromGitHub, zlib, openssl }:

stdenv.mkDerivation {
  pname = "tool";
  version = "1.4.0";
  src = fetchFromGitHub {
    owner = "example";
    repo = "tool";
    rev = "v1.4.0";
    hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  nativeBuildInputs = [ cmake ninja ];
  buildInputs = [ zlib openssl ];
  cmakeFlags = [ "-DBUILD_TESTING=OFF" ];
}
