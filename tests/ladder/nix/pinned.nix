let
  nixpkgs = fetchTarball "https://github.com/NixOS/nixpkgs/archive/0123456789abcdef.tar.gz";
  pkgs = import nixpkgs { config = { }; overlays = [ ]; };
in
pkgs.stdenv.mkDerivation { pname = "hello"; version = "1"; src = ./sources/auto; }
