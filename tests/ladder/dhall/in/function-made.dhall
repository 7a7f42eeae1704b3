let S = env:STRAYLIGHT_PRELUDE

let D = S.Derivation

let plugin =
      \(name : Text) ->
      \(inputs : List D.Input) ->
        D.mkDerivation "plugin-${name}" (D.drv "${name}-source") // { buildInputs = inputs }

in  { git = plugin "git" [ D.drv "libgit2" ]
    , lsp = plugin "lsp" ([] : List D.Input) // { env = [ { name = "LANG", value = "C" } ] }
    }
