{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-23.11";
  outputs = { self, nixpkgs }:
    let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
      packages.x86_64-linux.default = pkgs.stdenv.mkDerivation {
        pname = "tool";
        version = "1";
        src = self + "/sources/make";
        makeFlags = [ "PREFIX=$(out)" ];
      };
    };
}
