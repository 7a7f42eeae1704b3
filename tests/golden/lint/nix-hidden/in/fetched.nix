{ fetchurl, fetchFromGitHub, runCommand }:
{
  a = fetchurl { url = "https://example.org/a"; sha256 = ""; };
  b = fetchFromGitHub { owner = "a"; repo = "b"; rev = "v1"; hash = null; };
  c = builtins.getFlake "github:a/b";
  d = builtins.getFlake "github:a/b/0123456789012345678901234567890123456789";
  e = runCommand "e" { GREETING = "hello"; } "git clone --depth 1 https://example.org/e $out";
  f = builtins.fetchGit { url = "https://example.org/f"; ref = "main"; };
}
