{ stdenv, autoreconfHook, fetchFromGitHub, pkg-config }:
stdenv.mkDerivation {
  pname = "tool";
  version = "1";
  src = fetchFromGitHub { owner = "example"; repo = "tool"; rev = "v1"; hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; };
  nativeBuildInputs = [ autoreconfHook pkg-config ];
}
