{ writeText, lib }:
writeText "settings.json" (builtins.toJSON { ports = map (n: 8000 + n) (lib.range 1 3); debug = false; })
