let S = env:STRAYLIGHT_PRELUDE

in  { toolchains = S.Toolchain.hostUserland { programs = [ "sh" ] } }
