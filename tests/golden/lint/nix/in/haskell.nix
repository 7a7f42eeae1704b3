{ mkDerivation, base, lib, text }:
mkDerivation {
  pname = "hs";
  version = "0.1";
  src = ./.;
  libraryHaskellDepends = [ base text ];
  license = lib.licenses.bsd3;
}
