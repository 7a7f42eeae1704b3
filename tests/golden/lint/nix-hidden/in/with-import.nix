with import <nixpkgs> { };
with stdenv;
let phases = { installPhase = "make install"; }; in
{ tool = mkDerivation (phases // { name = "with-import"; __impure = true; allowedReferences = [ ]; }); }
