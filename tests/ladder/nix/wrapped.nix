{ stdenv, makeWrapper }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  nativeBuildInputs = [ makeWrapper ];
  postInstall = "wrapProgram $out/bin/hello --prefix PATH : /bin";
}
