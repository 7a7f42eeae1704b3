{ haskellPackages }: haskellPackages.callCabal2nix "sum" ./sources/haskell { }
