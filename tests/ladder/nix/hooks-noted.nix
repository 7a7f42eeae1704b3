{ stdenv }:
stdenv.mkDerivation {
  pname = "tool";
  version = "1";
  src = ./sources/make;
  outputs = [ "out" "doc" ];
  makeFlags = [ "PREFIX=$(out)" ];
  postPatch = ''
    set -e
    patchShebangs .
    echo "patched"
  '';
  postInstall = ''
    chown root $out/bin/tool
    moveToOutput share/doc $doc
    unset LD_PRELOAD
  '';
}
