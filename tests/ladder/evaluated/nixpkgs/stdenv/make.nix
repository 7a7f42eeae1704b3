attrs:
derivation (builtins.removeAttrs attrs [ "meta" "passthru" ] // {
  system = "x86_64-linux";
  builder = "/bin/sh";
  args = [ "-e" (attrs.builder or ./default-builder.sh) ];
  stdenv = "/stdenv";
  userHook = null;
  __ignoreNulls = true;
  buildInputs = [ ];
  nativeBuildInputs = attrs.nativeBuildInputs or [ ] ++ attrs.buildInputs or [ ];
  propagatedBuildInputs = attrs.propagatedBuildInputs or [ ];
  doCheck = attrs.doCheck or false;
}) // {
  meta = attrs.meta or { } // (let pos = builtins.unsafeGetAttrPos "name" attrs; in
    if pos == null then { } else { position = "${pos.file}:${toString pos.line}"; });
}
