{ stdenv }:
stdenv.mkDerivation {
  name = "data-2";
  src = ./sources/plain;
  dontConfigure = true;
  dontBuild = true;
  installPhase = ''
    mkdir -p $out
    for f in a b; do
      cp data/$f.txt $out/$f
    done
  '';
}
