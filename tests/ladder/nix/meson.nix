{ lib, stdenv, meson, ninja, pkg-config }:
stdenv.mkDerivation (finalAttrs: {
  pname = "sum";
  version = "0.3";
  src = ./sources/meson;
  nativeBuildInputs = [ meson ninja pkg-config ];
  mesonFlags = [ "-Ddocs=false" ];
  meta.license = lib.licenses.mit;
})
