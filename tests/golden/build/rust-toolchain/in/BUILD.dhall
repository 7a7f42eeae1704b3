let S = env:STRAYLIGHT_PRELUDE

in  { one = S.rust_library "one" [ "one.rs" ] ([] : List Text) }
