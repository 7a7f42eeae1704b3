{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  postInstall = ''
    mkdir -p $out/share/doc
    install -Dm644 hello.c $out/share/doc/hello.c
    ln -s hello $out/bin/hallo
  '';
}
