{ stdenv }:
stdenv.mkDerivation {
  pname = "hello";
  version = "1";
  src = ./sources/auto;
  patches = [ ./sources/loud.patch ];
  dontPatch = true;
  dontStrip = true;
  dontAddPrefix = true;
  dontDisableStatic = false;
}
