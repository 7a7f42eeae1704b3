{ stdenv }:
stdenv.mkDerivation {
  name = "hello-0.9";
  src = ./sources/auto;
  configureFlags = "--enable-loud --with-greeting=x";
  buildInputs = [ ];
}
