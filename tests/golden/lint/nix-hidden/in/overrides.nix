{ hello, lib, python3Packages }:
{
  a = hello.overrideAttrs (final: prev: { postInstall = "wget https://example.org/b"; });
  b = (hello.override { }).overrideAttrs { TUNE = "native"; };
  c = lib.overrideDerivation hello (old: { buildPhase = "make all"; });
  d = python3Packages.numpy.overridePythonAttrs (old: { preBuild = "pip install x"; });
}
