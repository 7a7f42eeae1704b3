derivation { name = "whole-0.1"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "cp -R ${./.} $out" ]; }
