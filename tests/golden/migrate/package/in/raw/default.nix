derivation {
  name = "greet-1.0";
  system = builtins.currentSystem;
  builder = "/bin/sh";
  args = [ "-c" "read -r name < ${./name.txt}; echo hello, $name > $out" ];
}
