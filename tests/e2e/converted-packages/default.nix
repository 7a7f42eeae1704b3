# Packages as nixpkgs would have them, with the upstream archives of Debian's source packages.
{ stdenv, fetchurl, autoreconfHook, cmake }:
let
  archives = import ./archives.nix;
  source = name: fetchurl archives.${name};
in
rec {
  bzip2 = stdenv.mkDerivation {
    pname = "bzip2";
    version = "1.0.8";
    src = source "bzip2";
    dontConfigure = true;
    makeFlags = [ "PREFIX=$(out)" "CFLAGS=-fPIC" ];
    buildFlags = [ "libbz2.a" "bzip2" "bzip2recover" ];
    doCheck = true;
    meta.description = "compresses blocks";
  };

  cjson = stdenv.mkDerivation {
    pname = "cjson";
    version = "1.7";
    src = source "cjson";
    nativeBuildInputs = [ cmake ];
    cmakeFlags = [ "-DENABLE_CJSON_UTILS=On" ];
    doCheck = true;
  };

  libpng = stdenv.mkDerivation {
    pname = "libpng";
    version = "1.6";
    src = source "libpng1.6";
    outputs = [ "out" "dev" "man" ];
    propagatedBuildInputs = [ zlib ];
    doCheck = true;
    postInstall = "rm -f $out/lib/libpng.la";
  };

  lua = stdenv.mkDerivation {
    pname = "lua";
    version = "5.4";
    src = source "lua5.4";
    dontConfigure = true;
    makeFlags = [ "INSTALL_TOP=${placeholder "out"}" "MYCFLAGS=-fPIC" ];
    buildFlags = [ "linux" ];
    doCheck = true;
    checkTarget = "test";
  };

  oniguruma = stdenv.mkDerivation {
    pname = "oniguruma";
    version = "6.9";
    src = source "libonig";
    nativeBuildInputs = [ autoreconfHook ];
    configureFlags = [ "--enable-posix-api=yes" ];
    doCheck = true;
  };

  zlib = stdenv.mkDerivation {
    pname = "zlib";
    version = "1.2.13";
    src = source "zlib";
    doCheck = true;
  };
}
