{ stdenv, lib, zlib }:
stdenv.mkDerivation {
  name = "hello-1.0";
  src = ./src;
  buildInputs = [ zlib ] ++ lib.optional (lib.version == "14") zlib;
  configureFlags = [ "--with-zlib=${zlib}" "--with-linux=${if stdenv.isLinux then "yes" else "no"}" ];
  makeFlags = "V=1";
  doCheck = true;
}
