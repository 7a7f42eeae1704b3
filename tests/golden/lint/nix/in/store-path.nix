{ stdenv }:
stdenv.mkDerivation {
  name = "pinned";
  src = ./.;
  configureFlags = [ "--with-zlib=/nix/store/0000000000000000000000000000000000000000-zlib" ];
  passthru.drv = "hello.drv";
}
