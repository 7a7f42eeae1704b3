{ stdenv, zlib }:
stdenv.mkDerivation {
  name = "tool-1.0";
  src = ./src;
  buildInputs = [ zlib ];
  makeFlags = [ "PREFIX=$(out)" ];
}
