{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  configureFlags = [ "--enable-loud" ];
  preBuild = "touch stamp";
  postInstall = "cp stamp $out/";
}
