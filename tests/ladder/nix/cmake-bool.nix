{ stdenv, lib, cmake }:
stdenv.mkDerivation (finalAttrs: {
  pname = "greet";
  version = "1.5";
  src = lib.cleanSource ./sources/cmake;
  nativeBuildInputs = [ cmake ];
  cmakeFlags = [ (lib.cmakeBool "LOUD" false) ];
  doCheck = true;
  passthru.tests.version = finalAttrs.version;
})
