{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  preConfigure = ''
    if [ -f configure.old ]; then
      mv configure.old configure
    fi
  '';
}
