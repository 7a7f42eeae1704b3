let S = env:STRAYLIGHT_PRELUDE

in      S.script
          "lua"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { commands =
          [ S.Builder.Command.Configure [ "--prefix=@prefix@" ]
          , S.Builder.Command.Make [ "linux", "MYCFLAGS=-fPIC" ]
          , S.Builder.Command.Make
              [ "install", "INSTALL_TOP=@prefix@", "TO_LIB=liblua.a" ]
          ]
        , subdir = "src"
        }
