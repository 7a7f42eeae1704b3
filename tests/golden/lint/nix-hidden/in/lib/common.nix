{
  version = "1";
  buildPhase = "make";
  allowSubstitutes = false;
  allowedReferences = [ "out" ];
}
