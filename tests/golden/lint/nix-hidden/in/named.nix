{ stdenv, lib }:
lib.listToAttrs (map
  (n: {
    name = n;
    value = stdenv.mkDerivation { name = "part-${n}"; allowedReferences = [ ]; "${n}Phase" = "make ${n}"; };
  })
  [ "build" "check" ])
