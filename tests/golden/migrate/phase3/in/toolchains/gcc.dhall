let S = env:STRAYLIGHT_PRELUDE

in  S.Toolchain.fromNix "nixpkgs#gcc"
