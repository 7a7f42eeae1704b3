{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  NIX_CFLAGS_COMPILE = "-O1 -DNDEBUG";
  env = { MODE = "fast"; };
  RETRIES = 3;
}
