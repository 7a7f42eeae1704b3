{ stdenv, cmake, zlib, openssl, fetchzip }:
stdenv.mkDerivation {
  pname = "net";
  version = "1";
  src = fetchzip { url = "https://example.org/net-1.zip"; sha256 = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; };
  nativeBuildInputs = [ cmake ];
  buildInputs = [ zlib openssl ];
}
