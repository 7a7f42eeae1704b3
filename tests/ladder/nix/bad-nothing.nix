{ lib }: { double = x: x * 2; names = lib.range 1 3; }
