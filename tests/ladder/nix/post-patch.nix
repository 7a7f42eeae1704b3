{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  postPatch = ''
    substituteInPlace hello.c --replace 'puts(GREETING)' 'puts("again " GREETING)'
    sed -i 's/return 0/return (0)/' hello.c
  '';
}
