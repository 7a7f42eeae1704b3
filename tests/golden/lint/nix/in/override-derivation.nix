{ pkgs }: pkgs.lib.overrideDerivation pkgs.gcc (old: { name = "gcc-custom"; TUNE = "znver4"; })
