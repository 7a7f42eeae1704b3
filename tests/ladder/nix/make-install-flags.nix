{ stdenv }:
stdenv.mkDerivation {
  name = "tool-2";
  src = ./sources/make;
  dontConfigure = true;
  buildFlags = [ "tool" ];
  installFlags = [ "PREFIX=$(out)" ];
}
