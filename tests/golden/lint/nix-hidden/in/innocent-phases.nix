# curl is not used here
{ stdenv }:
stdenv.mkDerivation {
  name = "innocent-phases";
  allowedReferences = [ "out" ];
  buildPhase = null;
  postFixup = "";
  outputs = [ "out" "dev" ];
  outputBin = "dev";
  env = { };
  preferLocalBuild = true;
  postgresql = null;
  configureFlags = [ "--with-curl" "--without-wget" ];
  makeFlags = [ "CURL=curl" ];
}
