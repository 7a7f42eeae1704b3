{ stdenv }:
# straylight-lint: allow-target any-reference: a compiler
stdenv.mkDerivation {
  name = "b";
  src = ./.; /* straylight-lint: allow source-input: one file, generated */
  text = "# straylight-lint: allow raw-env: not a comment";
  MODE = "fast";
}
