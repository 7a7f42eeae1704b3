let S = env:STRAYLIGHT_PRELUDE

in  { git = S.autotools "plugin-git" [ "//sources:git" ] ([] : List Text)
    , lsp =
            S.autotools "plugin-lsp" [ "//sources:lsp" ] ([] : List Text)
        //  { env = [ { name = "LANG", value = "C" } ] }
    }
