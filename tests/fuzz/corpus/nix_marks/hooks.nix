{ stdenv, fetchurl, makeWrapper }:
stdenv.mkDerivation {
  pname = "wrapped";
  version = "2";
  src = fetchurl { url = "https://example.org/w.tar.gz"; hash = "sha256-x"; };
  nativeBuildInputs = [ makeWrapper ];
  postPatch = "substituteInPlace Makefile --replace /usr $out";
  preConfigure = "export HOME=$TMPDIR";
  postInstall = "wrapProgram $out/bin/w --prefix PATH : /bin";
}
