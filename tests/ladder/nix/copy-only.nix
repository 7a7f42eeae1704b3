{ stdenv }:
stdenv.mkDerivation {
  name = "data-1";
  src = ./sources/plain;
  phases = [ "unpackPhase" "installPhase" ];
  installPhase = "mkdir -p $out/share; cp -r data $out/share/";
}
