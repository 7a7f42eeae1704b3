(env:STRAYLIGHT_PRELUDE).Toolchain.fromNix "nixpkgs#clang"
