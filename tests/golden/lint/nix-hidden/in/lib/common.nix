{
  version = "1";
  buildPhase = "make";
  allowSubstitutes = false; # straylight-lint: allow no-substitutes: it is small
  allowedReferences = [ "out" ];
}
