let S = env:STRAYLIGHT_PRELUDE

let core =
      [ "src/lapi.c"
      , "src/lcode.c"
      , "src/lctype.c"
      , "src/ldebug.c"
      , "src/ldo.c"
      , "src/ldump.c"
      , "src/lfunc.c"
      , "src/lgc.c"
      , "src/llex.c"
      , "src/lmem.c"
      , "src/lobject.c"
      , "src/lopcodes.c"
      , "src/lparser.c"
      , "src/lstate.c"
      , "src/lstring.c"
      , "src/ltable.c"
      , "src/ltm.c"
      , "src/lundump.c"
      , "src/lvm.c"
      , "src/lzio.c"
      ]

let libraries =
      [ "src/lauxlib.c"
      , "src/lbaselib.c"
      , "src/lcorolib.c"
      , "src/ldblib.c"
      , "src/liolib.c"
      , "src/lmathlib.c"
      , "src/loadlib.c"
      , "src/loslib.c"
      , "src/lstrlib.c"
      , "src/ltablib.c"
      , "src/lutf8lib.c"
      , "src/linit.c"
      ]

let internal =
      [ "src/lapi.h"
      , "src/lcode.h"
      , "src/lctype.h"
      , "src/ldebug.h"
      , "src/ldo.h"
      , "src/lfunc.h"
      , "src/lgc.h"
      , "src/ljumptab.h"
      , "src/llex.h"
      , "src/llimits.h"
      , "src/lmem.h"
      , "src/lobject.h"
      , "src/lopcodes.h"
      , "src/lopnames.h"
      , "src/lparser.h"
      , "src/lprefix.h"
      , "src/lstate.h"
      , "src/lstring.h"
      , "src/ltable.h"
      , "src/ltm.h"
      , "src/lundump.h"
      , "src/lvm.h"
      , "src/lzio.h"
      ]

let public = [ "src/lauxlib.h", "src/lua.h", "src/luaconf.h", "src/lualib.h" ]

let settings =
      { c_std = Some S.CStd.Gnu99
      , flags = [ S.Flag.Warnings S.Flags.Warnings.All ]
      , private_hdrs = internal
      }

let -- Debian's luaconf.h reads this header, which Debian's rules write while they build.
    multiarch =
      S.genrule
        "multiarch"
        ([] : List Text)
        [ "lua5.4-deb-multiarch.h" ]
        [ S.Command.Write
            { output = "lua5.4-deb-multiarch.h"
            , content =
                S.word
                  "#define DEB_HOST_MULTIARCH \"x86_64-linux-gnu\"\n"
            , executable = False
            }
        ]

in  { multiarch
    , liblua =
            S.cxx_library "lua5.4" (core # libraries) public ([] : List Text)
        //  settings
        //  { exported_deps = [ ":multiarch" ]
            , includes = [ "src" ]
            , defines = [ "LUA_COMPAT_5_3" ]
            , local_defines = [ "LUA_USE_LINUX" ]
            , linkopts = [ "-lm", "-ldl" ]
            }
    , lua =
            S.cxx_binary "lua" [ "src/lua.c" ] [ ":lua5.4" ]
        //  settings
        //  { defines = [ "LUA_USE_LINUX" ]
            , linkopts = [ "-Wl,--export-dynamic" ]
            }
    , luac = S.cxx_binary "luac" [ "src/luac.c" ] [ ":lua5.4" ] // settings
    }
