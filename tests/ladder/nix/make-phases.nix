{ stdenv }:
stdenv.mkDerivation {
  name = "tool-3";
  src = ./sources/make;
  buildPhase = "make tool EXTRA=-DY";
  installPhase = ''
    runHook preInstall
    install -d $out/bin $out/include
    install -m755 tool $out/bin/tool
    cp *.h $out/include
    installManPage tool.1
    runHook postInstall
  '';
}
