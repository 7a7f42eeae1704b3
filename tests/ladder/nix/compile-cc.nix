{ stdenv }:
stdenv.mkDerivation {
  name = "small-1.1";
  src = ./sources/plain;
  dontConfigure = true;
  buildPhase = "$CC -O2 small.c -o small";
  installPhase = "install -Dm755 small $out/bin/small";
}
