{ pkgs ? import <nixpkgs> { } }: {
  conf = pkgs.writeTextFile { name = "conf"; text = "a = 1\n"; destination = "/etc/conf"; checkPhase = "grep a $out/etc/conf"; meta.description = "x"; };
  run = pkgs.writeShellApplication { name = "run"; runtimeInputs = [ pkgs.hello ]; text = "hello"; };
}
