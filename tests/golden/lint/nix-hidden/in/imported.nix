{ stdenv }:
stdenv.mkDerivation (import ./lib/common.nix // { pname = "imported"; })
