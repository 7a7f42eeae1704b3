{
  inputs.flake-utils.url = "github:numtide/flake-utils";
  outputs = { self, nixpkgs, flake-utils }:
    flake-utils.lib.eachDefaultSystem (system:
      let pkgs = import nixpkgs { inherit system; }; in {
        packages.hello = pkgs.callPackage ./autotools.nix { };
        packages.default = pkgs.callPackage ./meson.nix { };
      });
}
