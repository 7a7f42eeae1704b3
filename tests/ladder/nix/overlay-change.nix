self: super: {
  zlib = super.zlib.overrideAttrs (old: { patches = (old.patches or [ ]) ++ [ ./sources/loud.patch ]; });
}
