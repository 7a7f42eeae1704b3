let S = env:STRAYLIGHT_PRELUDE

in  { one = S.cmake "one" [ "CMakeLists.txt" ] ([] : List Text) }
