{ stdenv, fetchurl }:
stdenv.mkDerivation {
  pname = "gcc";
  version = "13";
  src = fetchurl { url = "https://example.org/gcc.tar.xz"; sha256 = "x"; };
  configureFlags = [ "--disable-multilib" ];
  preConfigure = "mkdir build; cd build";
}
