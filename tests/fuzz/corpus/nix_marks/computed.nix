{ stdenv, lib, fetchurl }:
let
  phase = name: "${name}Phase";
  names = [ "build" "install" ];
  shell = lib.genAttrs (map phase names) (n: "make");
in
stdenv.mkDerivation ({
  pname = "computed";
  version = "1";
  src = fetchurl { url = "https://example.org/c.tar.gz"; sha256 = "x"; };
} // shell // builtins.listToAttrs [ { name = "MODE"; value = "fast"; } { name = "__impure"; value = true; } ])
