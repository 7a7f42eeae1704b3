let S = env:STRAYLIGHT_PRELUDE

in      S.cmake "fmt" [ "//sources:fmt" ] ([] : List Text)
    //  { env = [ { name = "LC_ALL", value = "C" } ] }
