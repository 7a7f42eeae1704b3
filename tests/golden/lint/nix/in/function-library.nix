{ lib }:
rec {
  double = x: x * 2;
  names = lib.mapAttrsToList (n: _: n);
}
