{ stdenv }:
stdenv.mkDerivation {
  name = "small-1.0";
  src = ./sources/plain;
  buildPhase = "cc -o small small.c";
  installPhase = ''
    mkdir -p $out/bin
    cp small $out/bin
  '';
}
