{
  outputs = { self, nixpkgs }:
    let all = f: nixpkgs.lib.genAttrs [ "x86_64-linux" ] (system: f nixpkgs.legacyPackages.${system});
    in {
      packages = all (pkgs: { default = pkgs.stdenv.mkDerivation ({ pname = "flaked"; version = "0"; } // self.common); });
      common = { configurePhase = "cmake ."; allowedReferences = [ ]; };
    };
}
