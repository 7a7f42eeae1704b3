{ haskellPackages }:
haskellPackages.mkDerivation { pname = "hs"; version = "0.1"; src = ./sources/plain; libraryHaskellDepends = [ haskellPackages.text ]; }
