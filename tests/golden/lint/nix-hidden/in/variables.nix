{ stdenv, openssl, lib }:
stdenv.mkDerivation ({
  name = "variables";
  allowedReferences = [ ];
  OPENSSL_DIR = openssl.dev;
  FLAGS = [ "-a" "-b" ];
} // lib.optionalAttrs true { env = { MODE = "x"; }; } // lib.genAttrs [ "LC_ALL" ] (n: "C"))
