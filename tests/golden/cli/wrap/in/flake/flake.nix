{
  description = "a flake";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux = rec {
      default = hello;
      hello = nixpkgs.legacyPackages.x86_64-linux.stdenv.mkDerivation { pname = "hello"; version = "1"; src = "${self}/text"; };
    };
  };
}
