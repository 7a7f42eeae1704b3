let S = env:STRAYLIGHT_PRELUDE

in  { kept =
            -- straylight-lint: allow raw-env: the test suite reads it
            S.autotools "kept" [ "//sources:kept" ] ([] : List Text)
        //  { make_flags = [ "PREFIX=@prefix@" ]
            , env = [ { name = "TZ", value = "UTC" } ]
            }
    }
