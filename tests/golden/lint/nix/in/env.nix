{ stdenv }:
stdenv.mkDerivation {
  pname = "flags";
  version = "1";
  src = ./.;
  NIX_CFLAGS_COMPILE = "-O3 -march=native";
  GREETING = "hello";
  RETRIES = 3;
  env = { MODE = "fast"; };
}
