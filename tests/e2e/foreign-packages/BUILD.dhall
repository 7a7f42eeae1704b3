let S = env:STRAYLIGHT_PRELUDE

let archives = ./archives.dhall

let source =
      \(name : Text) ->
      \(archive : { url : Text, sha256 : Text }) ->
        S.http_archive "${name}-src" archive.url archive.sha256

let none = [] : List Text

in  { bzip2-src = source "bzip2" archives.bzip2
    , cjson-src = source "cjson" archives.cjson
    , expat-src = source "expat" archives.expat
    , fribidi-src = source "fribidi" archives.fribidi
    , lua-src = source "lua" archives.`lua5.4`
    , onig-src = source "onig" archives.libonig
    , png-src = source "png" archives.`libpng1.6`
    , zlib-src = source "zlib" archives.zlib
    , bzip2 =
            S.make "bzip2" [ ":bzip2-src" ] none
        //  { variables = [ "CC", "AR", "RANLIB" ]
            , make_flags = [ "CFLAGS=-O2 -fPIC -Wall -D_FILE_OFFSET_BITS=64" ]
            , make_targets = [ "libbz2.a", "bzip2", "bzip2recover" ]
            , executable = Some "bin/bzip2"
            , check = True
            }
    , cjson = S.cmake "cjson" [ ":cjson-src" ] none // { check = True }
    , expat =
            S.autotools "expat" [ ":expat-src" ] none
        //  { subdir = "expat"
            , autoreconf = True
            , configure_flags = [ "--without-docbook" ]
            , check = True
            }
    , fribidi =
            S.meson "fribidi" [ ":fribidi-src" ] none
        //  { options = [ { name = "docs", value = "false" } ], check = True }
    , lua =
            S.make "lua" [ ":lua-src" ] none
        //  { prefix_variable = "INSTALL_TOP"
            , make_flags = [ "MYCFLAGS=-fPIC" ]
            , make_targets = [ "linux" ]
            , check_targets = [ "test" ]
            , linkopts = [ "-lm", "-ldl" ]
            , executable = Some "bin/lua"
            , check = True
            }
    , onig =
            S.autotools "onig" [ ":onig-src" ] none
        //  { autoreconf = True, check = True }
    , png =
            S.autotools "png" [ ":png-src" ] [ ":zlib" ]
        //  { libs = Some [ "png16" ], linkopts = [ "-lm" ], check = True }
    , zlib =
            S.autotools "zlib" [ ":zlib-src" ] none
        //  { outs = [ "include/zlib.h", "lib/libz.a", "lib/libz.so" ], check = True }
    , versions = S.cxx_binary "versions" [ "versions.c" ] [ ":png" ]
    }
