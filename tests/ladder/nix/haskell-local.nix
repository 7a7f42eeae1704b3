{ mkDerivation, base, lib }:
mkDerivation {
  pname = "sum";
  version = "0.1";
  src = ./sources/haskell;
  isLibrary = false;
  isExecutable = true;
  executableHaskellDepends = [ base ];
  license = lib.licenses.bsd3;
}
