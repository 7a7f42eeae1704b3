{ stdenv }:
stdenv.mkDerivation {
  pname = "tool";
  version = "1";
  src = ./sources/make;
  makeFlags = [ "PREFIX=${placeholder "out"}" "EXTRA=-DX=1" ];
  doCheck = true;
}
