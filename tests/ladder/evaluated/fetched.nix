with import <nixpkgs> { };
stdenv.mkDerivation {
  name = "expat-2.1";
  src = fetchurl {
    url = "mirror://sourceforge/expat/expat-2.1.tar.gz";
    sha256 = "11pblz61zyxh68s5pdcbhc30ha1b2vfjd83aiwfg4vc15x3hadw2";
  };
  nativeBuildInputs = [ cmake ];
  cmakeFlags = [ "-DBUILD_tests=OFF" ];
}
