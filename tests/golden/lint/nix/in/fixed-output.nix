derivation {
  name = "blob";
  system = "x86_64-linux";
  builder = ./fetch.sh;
  outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  outputHashMode = "flat";
  impureEnvVars = [ "http_proxy" ];
}
