{ name ? "tool" }:
let
  sh = name: attrs: script: derivation ({ inherit name; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
in rec {
  tool = sh "${name}-1.2" { outputs = [ "dev" "out" ]; src = ./src; } "cp -R $src $out; mkdir $dev";
  more = { recurseForDerivations = true; tool = sh "other" { } "echo ${import ./words.nix} > $out"; };
  hidden.tool = sh "hidden-3" { } "echo hidden > $out";
  "odd name" = sh "odd" { } "echo odd > $out";
  list = [ (sh "first-1" { } "echo 1 > $out") (sh "second-2" { } "echo 2 > $out") ];
  call = { size ? 1 }: { it = sh "called-${toString size}" { } "echo $out"; };
}
