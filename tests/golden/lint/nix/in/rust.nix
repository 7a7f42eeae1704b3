{ rustPlatform, fetchFromGitHub }:
rustPlatform.buildRustPackage rec {
  pname = "rg";
  version = "14";
  src = fetchFromGitHub { owner = "e"; repo = "rg"; rev = version; hash = "sha256-x"; };
  cargoHash = "sha256-y";
  RUSTFLAGS = "-C target-cpu=native";
}
