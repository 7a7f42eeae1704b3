let sh = ./rules/sh.dhall

in  { log = sh.sh_library "log" [ "src/log.sh" ] ([] : List Text)
    , shapes = sh.sh_library "shapes" [ "src/shapes.sh" ] [ ":log" ]
    , area = sh.sh_binary "area" [ "src/area.sh" ] [ ":shapes" ]
    }
