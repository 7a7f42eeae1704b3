{ lib, stdenv, meson, ninja, pkg-config, glib }:
stdenv.mkDerivation (finalAttrs: {
  pname = "widget";
  version = "0.3";
  src = ./.;
  nativeBuildInputs = [ meson ninja pkg-config ];
  buildInputs = [ glib ];
  mesonFlags = [ "-Ddocs=false" ];
  meta.license = lib.licenses.mit;
})
