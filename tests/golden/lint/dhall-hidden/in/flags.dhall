let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let raws = S.List.map Text S.Flag ((./lib.dhall).pick True) [ "-a", "-b" ]

in  { lib = S.cxx_library "lib" [ "a.c" ] none none // { flags = raws # [ (./lib.dhall).pick False "C" ] } }
