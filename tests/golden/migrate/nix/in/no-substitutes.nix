{ stdenv, fetchurl }:
stdenv.mkDerivation {
  pname = "local";
  version = "1";
  src = fetchurl { url = "https://example.org/l.tar.gz"; sha256 = "x"; };
  allowSubstitutes = false;
  preferLocalBuild = true;
  allowedReferences = [ ];
}
