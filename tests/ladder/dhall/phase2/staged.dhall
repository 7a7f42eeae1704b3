let S = env:STRAYLIGHT_PRELUDE

in  { first =
            S.autotools
              "first"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              ([] : List Text)
        //  { configure_flags = [ "--enable-shared" ]
            , subdir = "src"
            , env = [ { name = "CC", value = "clang" } ]
            }
    , second =
            S.script
              "second"
              [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
              [ ":first" ]
        //  { commands =
              [ S.Builder.Command.Configure
                  [ "--prefix=@prefix@", "--enable-shared", "--with-first" ]
              , S.Builder.Command.Make [ "stage1" ]
              , S.Builder.Command.Make [ "stage2" ]
              , S.Builder.Command.Make [ "install" ]
              ]
            , subdir = "src"
            , env = [ { name = "LD", value = "ld.lld" } ]
            }
    }
