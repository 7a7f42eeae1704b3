-- No compiler runs here, so none is captured.
let S = env:STRAYLIGHT_PRELUDE

let rust =
          S.Toolchain.hostUserland { programs = [ "true" ] }
      //  { tools = toMap { rustc = "/usr/bin/true" } }

in  S.Workspace::{ toolchains = toMap { rust } # S.Workspace.default.toolchains }
