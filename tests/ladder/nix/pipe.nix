{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  postInstall = "ls $out/bin | sort > $out/list";
}
