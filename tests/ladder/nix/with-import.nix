with import <nixpkgs> { };
stdenv.mkDerivation {
  name = "hello-1";
  src = ./sources/auto;
  buildInputs = [ zlib ];
}
