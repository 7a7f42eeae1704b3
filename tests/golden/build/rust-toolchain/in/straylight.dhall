let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{ toolchains = toMap { userland = S.Toolchain.hostUserland { programs = [ "sh", "cat", "sleep", "mkdir", "ln", "rm", "chmod" ] } } }
