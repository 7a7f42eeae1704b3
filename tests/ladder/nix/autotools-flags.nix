{ stdenv, lib, loud ? true }:
stdenv.mkDerivation rec {
  name = "hello-${version}";
  version = "1.1";
  src = ./sources/auto;
  configureFlags = [ "--with-greeting=hi" ] ++ lib.optional loud "--enable-loud";
  enableParallelBuilding = true;
  meta = { description = "says it"; license = lib.licenses.mit; };
}
