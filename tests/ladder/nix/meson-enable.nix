{ lib, stdenv, meson, ninja }:
stdenv.mkDerivation {
  pname = "sum";
  version = "0.4";
  src = ./sources/meson;
  nativeBuildInputs = [ meson ninja ];
  mesonFlags = [ (lib.mesonBool "docs" false) ];
  mesonBuildType = "release";
}
