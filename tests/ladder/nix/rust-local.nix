{ rustPlatform }:
rustPlatform.buildRustPackage {
  pname = "count";
  version = "0.1.0";
  src = ./sources/rust;
  cargoLock.lockFile = ./sources/rust/Cargo.lock;
  buildFeatures = [ "loud" ];
}
