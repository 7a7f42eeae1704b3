let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { base = S.rust_library "base" [ "base.rs" ] none -- of base
        // { edition = S.Edition.E2018, rustc_flags = [ S.Flag.PIC ], features = [ "fast" ] }
    , top = S.rust_library "top" [ "top.rs" ] [ ":base" ] -- of top
        // { crate_type = S.CrateType.CDyLib }
    , app = S.rust_binary "app" [ "app.rs" ] [ ":base" ] // { link_style = S.LinkStyle.Static }
    }
