let S = env:STRAYLIGHT_PRELUDE

in      -- where the manual is
        S.autotools
          "jq"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          [ "//third_party/oniguruma:oniguruma" ]
    //  { configure_flags = [ "--disable-maintainer-mode" ]
        , check = True
        , before =
          [ S.Builder.Command.Patch { file = "@at_patches_paths_patch@", strip = 1 }
          , S.Builder.Command.Patch { file = "@at_patches_tests_patch@", strip = 1 }
          ]
        , subdir = "src"
        , locations = toMap
            { at_patches_paths_patch = "patches/paths.patch"
            , at_patches_tests_patch = "patches/tests.patch"
            }
        }
