let S = env:STRAYLIGHT_PRELUDE

in      S.autotools
          "patched-tool"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { before =
          [ S.Builder.Command.Substitute
              { path = "Makefile", from = "/usr/local", to = "@prefix@" }
          , S.Builder.Command.Substitute
              { path = "Makefile", from = "gcc", to = "cc" }
          , S.Builder.Command.Patch { file = "fix.patch", strip = 1 }
          ]
        , after =
          [ S.Builder.Command.Run
              { program = "patchelf"
              , arguments = [ "--set-rpath", "@prefix@/lib", "@prefix@/bin/tool" ]
              }
          ]
        , subdir = "src"
        }
