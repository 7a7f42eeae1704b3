{ system ? builtins.currentSystem }: let
  stdenv.mkDerivation = a: derivation ({ inherit system; builder = "/bin/sh"; args = [ "-c" "echo $name > $out" ]; } // a // { name = "${a.pname}-${a.version}"; });
  callPackage = f: a: (if builtins.isPath f then import f else f) ({ inherit stdenv; } // a);
in { inherit stdenv callPackage; }
