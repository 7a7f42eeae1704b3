-- What the C rules say, and that `//` and `with` change it before they say it.
let A = ../../prelude/Analysis.dhall

let F = ../../prelude/Flags.dhall

let Target = ../../prelude/Target.dhall

let Toolchain = ../../prelude/Toolchain.dhall

let Triple = ../../prelude/Triple.dhall

let cxx = ../../prelude/cxx.dhall

let show = (./show.dhall).analysis

let none = [] : List Text

let context =
      \(mode : Target.Mode) ->
        { host = Triple.x86_64_linux, target = Triple.x86_64_linux, mode }

let debug = context Target.Mode.Debug

let release = context Target.Mode.Release

let clang =
      Toolchain.mkClangToolchain
        "14"
        (Toolchain.Artifact.Tree "aa/1")
        Triple.x86_64_linux

let library =
          cxx.cxx_library
            "mylib"
            [ "src/a.c", ":gen.c", "//other:gen" ]
            [ "include/a.h" ]
            [ ":priv" ]
      //  { exported_deps = [ "//pub:pub" ]
          , private_hdrs = [ "src/int.h" ]
          , includes = [ "include" ]
          , local_includes = [ "src" ]
          , defines = [ "A=1" ]
          , local_defines = [ "B" ]
          , c_std = Some F.CStd.C17
          , cxx_std = Some F.CxxStd.Cxx20
          , flags = [ F.Flag.Pthread, F.Flag.NoRTTI ]
          , copts = [ "-Wshadow" ]
          , linkopts = [ "-lm" ]
          , compile_data = [ "data.bin" ]
          , toolchain = Some clang
          }

let bare = cxx.cxx_library "h" none [ "h.h" ] none

let program = cxx.cxx_binary "app" [ "main.cc" ] [ ":mylib" ]

let shared = program // { link_style = cxx.types.LinkStyle.Shared }

let test =
          cxx.cxx_test "app_test" [ "t.c" ] [ ":mylib" ]
      //  { args = [ "-v" ]
          , data = [ "t.txt", ":tree" ]
          , env = toMap { HOME = "/nonexistent" }
          , locations = toMap { TREE = ":tree" }
          , timeout = Some 5
          }

let named =
      (cxx.cxx_library "x" [ "x.c" ] none none) with common.name = "y"

let whole =
      cxx.cxx_library "w" [ "w.c" ] none none // { alwayslink = True, pic = False }

in  { library =
          assert
        :     show (library.analyze library.(cxx.types.Library) debug)
          ===  ''
               src/a.c: {cxx/cc} {cxx.compile_debug} {cxx.compile} -pthread -fPIC -iquote . -iquote {package} -I{package}/include -I{package}/src {-Icxx.include(:priv //pub:pub)} -DA=1 -DB {-Dcxx.defines(:priv //pub:pub)} {.c? {cxx.compile_c} -std=c17} {.cc .cpp .cxx .c++ .C .CPP .cp? {cxx.compile_cxx} -std=c++20 -fno-rtti} -Wshadow -frandom-seed=>obj/src/a.c.o -MD -MF {outputs}/obj/src/a.c.d -c <src/a.c> -o >obj/src/a.c.o
                 inputs: <data.bin>
                 headers: <include/a.h> <src/int.h> cxx.headers(:priv //pub:pub)
                 outputs: obj/src/a.c.o
                 depfile: obj/src/a.c.d
                 env: PWD=/proc/self/cwd
               :gen.c: {cxx/cc} {cxx.compile_debug} {cxx.compile} -pthread -fPIC -iquote . -iquote {package} -I{package}/include -I{package}/src {-Icxx.include(:priv //pub:pub)} -DA=1 -DB {-Dcxx.defines(:priv //pub:pub)} {.c? {cxx.compile_c} -std=c17} {.cc .cpp .cxx .c++ .C .CPP .cp? {cxx.compile_cxx} -std=c++20 -fno-rtti} -Wshadow -frandom-seed=>obj/@gen.c.o -MD -MF {outputs}/obj/@gen.c.d -c <:gen.c> -o >obj/@gen.c.o
                 inputs: <data.bin>
                 headers: <include/a.h> <src/int.h> cxx.headers(:priv //pub:pub)
                 outputs: obj/@gen.c.o
                 depfile: obj/@gen.c.d
                 env: PWD=/proc/self/cwd
               //other:gen: {cxx/cc} {cxx.compile_debug} {cxx.compile} -pthread -fPIC -iquote . -iquote {package} -I{package}/include -I{package}/src {-Icxx.include(:priv //pub:pub)} -DA=1 -DB {-Dcxx.defines(:priv //pub:pub)} {.c? {cxx.compile_c} -std=c17} {.cc .cpp .cxx .c++ .C .CPP .cp? {cxx.compile_cxx} -std=c++20 -fno-rtti} -Wshadow -frandom-seed=>obj/other@gen.o -MD -MF {outputs}/obj/other@gen.d -c <//other:gen> -o >obj/other@gen.o
                 inputs: <data.bin>
                 headers: <include/a.h> <src/int.h> cxx.headers(:priv //pub:pub)
                 outputs: obj/other@gen.o
                 depfile: obj/other@gen.d
                 env: PWD=/proc/self/cwd
               libmylib.a: {cxx/ar} {cxx.archive} >libmylib.a >obj/src/a.c.o >obj/@gen.c.o >obj/other@gen.o
                 outputs: libmylib.a
               libmylib.so: {cxx/cxx} {cxx.link_debug} {cxx.link} -Wl,--as-needed -shared -Wl,-soname,libmylib.so -Wl,-rpath,$ORIGIN -o >libmylib.so >obj/src/a.c.o >obj/@gen.c.o >obj/other@gen.o {cxx.shared(:priv //pub:pub)} -pthread -lm {cxx.linkopts(:priv //pub:pub)}
                 outputs: libmylib.so
                 env: PWD=/proc/self/cwd
               provides cxx.headers: <include/a.h> | //pub:pub
               provides cxx.include: {package}/include | //pub:pub
               provides cxx.defines: A=1 | //pub:pub
               provides cxx.archives: >libmylib.a | :priv //pub:pub
               provides cxx.shared: >libmylib.so | :priv //pub:pub
               provides cxx.linkopts: -pthread -lm | :priv //pub:pub
               provides cxx.search: {outputs} | :priv //pub:pub
               outputs: libmylib.a
               toolchains: cxx=clang14
               ''
    , header-only =
          assert
        :     show (bare.analyze bare.(cxx.types.Library) debug)
          ===  ''
               provides cxx.headers: <h.h>
               provides cxx.include:
               provides cxx.defines:
               provides cxx.archives:
               provides cxx.shared:
               provides cxx.linkopts:
               provides cxx.search:
               ''
    , program =
          assert
        :     show (program.analyze program.(cxx.types.Binary) release)
          ===  ''
               main.cc: {cxx/cc} {cxx.compile_release} {cxx.compile} -iquote . -iquote {package} {-Icxx.include(:mylib)} {-Dcxx.defines(:mylib)} {.c? {cxx.compile_c}} {.cc .cpp .cxx .c++ .C .CPP .cp? {cxx.compile_cxx}} -frandom-seed=>obj/main.cc.o -MD -MF {outputs}/obj/main.cc.d -c <main.cc> -o >obj/main.cc.o
                 headers: cxx.headers(:mylib)
                 outputs: obj/main.cc.o
                 depfile: obj/main.cc.d
                 env: PWD=/proc/self/cwd
               app: {cxx/cxx} {cxx.link_release} {cxx.link} -Wl,--as-needed -o >app >obj/main.cc.o {cxx.archives(:mylib)} {cxx.linkopts(:mylib)}
                 outputs: app
                 env: PWD=/proc/self/cwd
               outputs: app
               executable: app
               ''
    , shared =
          assert
        :     show
                (     shared.analyze shared.(cxx.types.Binary) release
                  //  { actions =
                          merge
                            { None = [] : List A.Act
                            , Some =
                                \(tree : A.Act) -> [ tree ]
                            }
                            ( List/last
                                A.Act
                                (shared.analyze shared.(cxx.types.Binary) release).actions
                            )
                      }
                )
          ===  ''
               tree app.libs: =cxx.shared(:mylib)
               outputs: app app.libs
               executable: app
               ''
    , test =
          assert
        :     show
                (     test.analyze test.(cxx.types.Test) debug
                  //  { actions = [] : List A.Act }
                )
          ===  ''
               test app_test: >app_test -v
                 inputs: >app_test <t.txt> <:tree>
                 toolchains: cxx
                 env: HOME=/nonexistent TREE=<:tree>
               outputs: app_test
               executable: app_test
               ''
    , renamed =
          assert
        :     (named.analyze named.(cxx.types.Library) debug).outputs
          ===  [ "liby.a" ]
    , alwayslink =
          assert
        :     show
                (     whole.analyze whole.(cxx.types.Library) debug
                  //  { actions = [] : List A.Act }
                )
          ===  ''
               provides cxx.headers:
               provides cxx.include:
               provides cxx.defines:
               provides cxx.archives: -Wl,--whole-archive,>libw.a,--no-whole-archive
               provides cxx.shared:
               provides cxx.linkopts:
               provides cxx.search: {outputs}
               outputs: libw.a
               ''
    }
