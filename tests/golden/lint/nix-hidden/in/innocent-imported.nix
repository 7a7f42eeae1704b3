{ stdenv }:
let common = import ./lib/bounded.nix; in
stdenv.mkDerivation (common // { name = "innocent-imported"; })
