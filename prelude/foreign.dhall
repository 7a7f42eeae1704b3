{-  Packages with a build system of their own: autotools, cmake, meson, make.

    A package is built by ONE action, a script that is an output too (NAME.sh): it copies the sources
    (NAME.src) to a place of its own, applies patches, configures, builds, and installs into the output
    directory NAME, which is the prefix.  It sees the compiler of "cxx", the programs of "foreign" (and of
    "cmake", "meson" or "autoreconf"), the prefixes of its dependencies, and no network; its directory,
    its times, its locale and its environment are the same on every machine.

    A package provides what the C rules ask for (cxx.headers, cxx.include, cxx.archives, cxx.shared,
    cxx.linkopts), and `foreign.prefix`, its prefix.  In every text that the script gets (flags,
    environment, commands) "@prefix@" is the package's prefix, "@source@" its sources' directory and
    "@NAME@" what `locations` has under NAME.  -}

let A = ./Analysis.dhall

let B = ./Builder.dhall

let L = ./List.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let script = ./script.dhall

let package = ./package_script.dhall

let Arg = A.Arg

let Piece = A.Piece

let Word = A.Word

let Input = A.Input

let Pair = package.Pair

let Settings = package.Settings

let Entry = script.Entry

let join = script.join

let quote = script.quote

let words = script.words

let MakeCalls =
      {-  make_flags       words of every call of make: "V=1", "PREFIX=@prefix@"
          make_targets     of the call that builds; [] is the makefile's first
          check_targets    of the call that tests
          install_targets  of the call that installs; [] installs nothing
          install_flags    further words of the call that installs
          -}
      { make_flags : List Text
      , make_targets : List Text
      , check_targets : List Text
      , install_targets : List Text
      , install_flags : List Text
      }

let Autotools =
      {-  configure        the script, by its path in the directory that is built
          configure_flags  after --prefix
          autoreconf       makes the script first, by autoreconf -fi of the toolchain "autoreconf"
          out_of_tree      builds in a directory beside the sources
          -}
          Settings
      //\\  MakeCalls
      //\\  { configure : Text
            , configure_flags : List Text
            , autoreconf : Bool
            , out_of_tree : Bool
            }

let Make =
      {-  prefix_variable  what the makefile calls the prefix; "": it is not told
          variables        of CC CXX CPPFLAGS CFLAGS CXXFLAGS LDFLAGS AR RANLIB, those that are set on
                           make's command line, where they win over the makefile's own; all are in its
                           environment
          -}
          Settings
      //\\  MakeCalls
      //\\  { prefix_variable : Text, variables : List Text }

let CMake =
      {-  definitions     -DNAME=VALUE
          flags           further words for cmake
          build_type      "Release", "Debug", "RelWithDebInfo", "MinSizeRel"
          generator       "Ninja", or "Unix Makefiles"
          build_targets   [] is all
          check_flags     words for ctest
          install         False: `after` does it
          -}
          Settings
      //\\  { definitions : List Pair
            , flags : List Text
            , build_type : Text
            , generator : Text
            , build_targets : List Text
            , check_flags : List Text
            , install : Bool
            }

let Meson =
      {-  options      -Dname=value
          flags        further words for meson setup
          build_type   "release", "debug", "debugoptimized", "minsize", "plain"
          build_targets, check_flags, install  as of cmake
          -}
          Settings
      //\\  { options : List Pair
            , flags : List Text
            , build_type : Text
            , build_targets : List Text
            , check_flags : List Text
            , install : Bool
            }

let Script =
      {-  commands  all that is run, in the directory that is built: for packages whose steps are their own
          -}
      Settings //\\ { commands : List B.Command }

let Program = { variable : Text, toolchain : Text, tool : Text }

let none = [] : List Text

let definitions = L.map Pair Text (\(p : Pair) -> "-D${p.name}=${p.value}")

let provided =
      \(name : Text) ->
      \(deps : List Text) ->
        Arg.Provided
          { provided = { name, deps, transitive = True }
          , flag = None Text
          , prefix = ""
          }

let -- One package: its sources as a tree, its script, the step and perhaps its test.
    analyze =
      \(self : Settings) ->
      \(context : Target.Context) ->
      \(kind : Text) ->
      \(programs : List Program) ->
      \(text : Text) ->
        let name = self.common.name

        let mode =
              merge
                { None = Target.modeText context.mode, Some = Target.modeText }
                self.mode

        let shared =
              L.map
                Text
                Text
                (\(f : Text) -> "${name}.libs/${f}")
                self.shared_libs

        let executable =
              L.map
                Text
                Text
                (\(path : Text) -> "${name}.bin/${path}")
                (L.optional Text self.executable)

        let tool =
              \(p : Program) ->
                { name = p.variable
                , value =
                  [ Piece.Tool { toolchain = p.toolchain, tool = p.tool } ]
                }

        let compiler =
              \(variable : Text) ->
              \(tool : Text) ->
                { variable, toolchain = "cxx", tool }

        let step =
              \(what : Text) ->
                    A.step
                //  { identifier = name
                    , command =
                          [ A.tool "foreign" "sh"
                          , Arg.Word [ Piece.Output "${name}.sh" ]
                          , A.text what
                          , Arg.Word [ Piece.Outputs ]
                          , A.text ":optimize"
                          , A.flags "cxx" "compile_${mode}"
                          , A.text ":compile"
                          , A.flags "cxx" "compile"
                          , A.text ":c"
                          , A.flags "cxx" "compile_c"
                          , A.text ":cxx"
                          , A.flags "cxx" "compile_cxx"
                          , A.text ":link"
                          , A.flags "cxx" "link_${mode}"
                          , A.flags "cxx" "link"
                          , A.text ":prefix"
                          , provided "foreign.prefix" self.deps
                          , A.text ":include"
                          , provided "cxx.include" self.deps
                          , A.text ":define"
                          , provided "cxx.defines" self.deps
                          , A.text ":archive"
                          , provided "cxx.archives" self.deps
                          , A.text ":patch"
                          ]
                        # L.map
                            Text
                            Arg
                            (\(p : Text) -> Arg.Word [ Piece.Source p ])
                            self.patches
                    , env =
                          L.map
                            Program
                            { name : Text, value : Word }
                            tool
                            (   [ compiler "CC" "cc"
                                , compiler "CXX" "cxx"
                                , compiler "AR" "ar"
                                , compiler "NM" "nm"
                                , compiler "RANLIB" "ranlib"
                                , compiler "STRIP" "strip"
                                ]
                              # programs
                            )
                        # L.map
                            Entry
                            { name : Text, value : Word }
                            ( \(e : Entry) ->
                                { name = e.mapKey, value = A.source e.mapValue }
                            )
                            self.locations
                    , inputs =
                      [ Input.Output "${name}.src"
                      , Input.Provided
                          { name = "cxx.headers"
                          , deps = self.deps
                          , transitive = True
                          }
                      ]
                    , toolchains = [ "cxx", "foreign" ] # self.toolchains
                    , timeout = self.timeout
                    }

        let linked =
              merge
                { None = True
                , Some = \(libs : List Text) -> L.null Text libs == False
                }
                self.libs

        let archives =
              if    linked
              then  [ [ Piece.Text "-L", Piece.Output name, Piece.Text "/lib" ]
                    , [ Piece.Text "@", Piece.Output "${name}.link" ]
                    ]
              else  [] : List Word

        let provide =
              \(name : Text) ->
              \(words : List Word) ->
                { name, words, from = self.deps }

        let plain = L.map Text Word A.word

        in      A.analysis
            //  { actions =
                  [ A.Act.Sources
                      { output = "${name}.src"
                      , from = L.map Text Input Input.Source self.srcs
                      }
                  , A.Act.Write
                      { output = "${name}.sh"
                      , content = A.word text
                      , executable = False
                      }
                  , A.Act.Step
                      (     step "build"
                        //  { category = A.Category.Custom kind
                            , outputs = [ "${name}.link" ] # shared # executable
                            , directories = [ name ]
                            }
                      )
                  ]
                , tests =
                    if    self.check
                    then  [ step "check" // { category = A.Category.Test } ]
                    else  [] : List A.Step
                , provides =
                  [ provide "foreign.prefix" [ A.output name ]
                  , provide "cxx.headers" [ A.output name ]
                  , provide
                      "cxx.include"
                      ( L.map
                          Text
                          Word
                          ( \(dir : Text) ->
                              [ Piece.Outputs, Piece.Text "/${name}/${dir}" ]
                          )
                          self.includes
                      )
                  , provide "cxx.defines" (plain self.defines)
                  , provide "cxx.archives" archives
                  , provide "cxx.shared" (L.map Text Word A.output shared)
                  , provide
                      "cxx.linkopts"
                      (   ( if    L.null Text shared
                            then  archives
                            else  [] : List Word
                          )
                        # plain self.linkopts
                      )
                  ]
                , outputs = [ name ]
                , executable = List/head Text executable
                , toolchains =
                      Toolchain.override "cxx" self.toolchain
                    # Toolchain.override "foreign" self.tools
                }

let settings =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
          { common = Target.common name
          , srcs
          , deps
          , patches = none
          , patch_strip = 1
          , subdir = ""
          , env = [] : List Pair
          , locations = [] : A.Map Text
          , cppflags = none
          , cflags = none
          , cxxflags = none
          , ldflags = none
          , pic = True
          , jobs = None Natural
          , mode = Some Target.Mode.Release
          , before = [] : List B.Command
          , after = [] : List B.Command
          , outs = none
          , includes = [ "include" ]
          , libs = None (List Text)
          , shared_libs = none
          , defines = none
          , linkopts = none
          , executable = None Text
          , check = False
          , toolchains = none
          , timeout = None Natural
          , tools = None Toolchain.Toolchain
          , toolchain = None Toolchain.Toolchain
          }
        : Settings

let makeProgram =
      [ { variable = "SL_MAKE", toolchain = "foreign", tool = "make" } ]

let -- Building, testing and installing by make, with `own` in every call.
    makeCalls =
      \(locations : A.Map Text) ->
      \(calls : MakeCalls) ->
      \(own : Text) ->
        let w = words locations

        let every = own ++ w calls.make_flags

        let install =
              if    L.null Text calls.install_targets
              then  ""
              else  ''
                    run "$SL_MAKE"${every}${w calls.install_flags}${w calls.install_targets}
                    ''

        in      ''
                phase=build
                run "$SL_MAKE" -j"$jobs"${every}${w calls.make_targets}
                ''
            ++  package.unlessChecking
                  ''
                  	run "$SL_MAKE"${every}${w calls.check_targets}
                  ''
            ++  install

let -- In the environment of programs that know nothing of CPPFLAGS.
    foldCpp =
      ''
      CFLAGS="$CPPFLAGS $CFLAGS" CXXFLAGS="$CPPFLAGS $CXXFLAGS"
      ''

let autotools =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { configure = "configure"
            , configure_flags = none
            , autoreconf = False
            , out_of_tree = False
            , make_flags = none
            , make_targets = none
            , check_targets = [ "check" ]
            , install_targets = [ "install" ]
            , install_flags = none
            , analyze =
                \(self : Autotools) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let top = if self.out_of_tree then "\"$source\"" else "."

                  let body =
                            ''
                            phase=configure
                            ''
                        ++  ( if    self.autoreconf
                              then  ''
                                    run "$SL_AUTORECONF" -fi
                                    ''
                              else  ""
                            )
                        ++  ''
                            [ -f ${quote self.configure} ] ||
                            	lacks 'its sources have no file '${quote self.configure}'; what makes one from configure.ac is "autoreconf = True"'
                            ''
                        ++  ( if    self.out_of_tree
                              then  ''
                                    mkdir "$top/build"
                                    cd "$top/build"
                                    ''
                              else  ""
                            )
                        ++  ''
                            run ${top}/${quote self.configure} --prefix="$prefix"${words self.locations self.configure_flags}
                            ''
                        ++  makeCalls self.locations self.(MakeCalls) ""

                  in  analyze
                        own
                        context
                        "autotools"
                        (   makeProgram
                          # ( if    self.autoreconf
                              then  [ { variable = "SL_AUTORECONF"
                                      , toolchain = "autoreconf"
                                      , tool = "autoreconf"
                                      }
                                    ]
                              else  [] : List Program
                            )
                        )
                        (package.whole own "$optimize" body)
            }

let make =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { prefix_variable = "PREFIX"
            , variables = none
            , make_flags = none
            , make_targets = none
            , check_targets = [ "check" ]
            , install_targets = [ "install" ]
            , install_flags = none
            , analyze =
                \(self : Make) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let set = \(name : Text) -> " ${name}=\"$${name}\""

                  let variables = join (L.map Text Text set self.variables)

                  let -- "" has nothing to be a variable of.
                      prefix =
                        Text/replace
                          " =\"$prefix\""
                          ""
                          " ${self.prefix_variable}=\"$prefix\""

                  in  analyze
                        own
                        context
                        "make"
                        makeProgram
                        ( package.whole
                            own
                            "$optimize"
                            ( makeCalls
                                self.locations
                                self.(MakeCalls)
                                (prefix ++ variables)
                            )
                        )
            }

let cmake =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { definitions = [] : List Pair
            , flags = none
            , build_type = "Release"
            , generator = "Ninja"
            , build_targets = none
            , check_flags = none
            , install = True
            , analyze =
                \(self : CMake) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let w = words self.locations

                  let targets =
                        if    L.null Text self.build_targets
                        then  ""
                        else  " --target${w self.build_targets}"

                  let body =
                            foldCpp
                        ++  ''
                            phase=configure
                            mkdir "$top/build"
                            cd "$top/build"
                            run "$SL_CMAKE" -G ${quote self.generator} -DCMAKE_INSTALL_PREFIX="$prefix" \
                            	-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_BUILD_TYPE=${quote self.build_type} \
                            	-DCMAKE_POSITION_INDEPENDENT_CODE=${if self.pic then "ON" else "OFF"} \
                            	-DCMAKE_SKIP_INSTALL_RPATH=ON -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF \
                            	-DCMAKE_EXPORT_NO_PACKAGE_REGISTRY=ON -DFETCHCONTENT_FULLY_DISCONNECTED=ON \
                            	-Wno-dev${w (definitions self.definitions # self.flags)} "$source"
                            phase=build
                            run "$SL_CMAKE" --build . -j "$jobs"${targets}
                            ''
                        ++  package.unlessChecking
                              ''
                              	run "$SL_CTEST" --output-on-failure -j "$jobs"${w self.check_flags}
                              ''
                        ++  ( if    self.install
                              then  ''
                                    run "$SL_CMAKE" --install .
                                    ''
                              else  ""
                            )

                  in  analyze
                        own
                        context
                        "cmake"
                        [ { variable = "SL_CMAKE"
                          , toolchain = "cmake"
                          , tool = "cmake"
                          }
                        , { variable = "SL_CTEST"
                          , toolchain = "cmake"
                          , tool = "ctest"
                          }
                        ]
                        (package.whole own "" body)
            }

let meson =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { options = [] : List Pair
            , flags = none
            , build_type = "release"
            , build_targets = none
            , check_flags = none
            , install = True
            , analyze =
                \(self : Meson) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  let w = words self.locations

                  let body =
                            ''
                            phase=configure
                            mkdir "$top/build"
                            cd "$top/build"
                            run "$SL_MESON" setup --prefix="$prefix" --libdir=lib --buildtype=${quote self.build_type} \
                            	--wrap-mode=nodownload -Ddefault_library=both -Db_staticpic=${if self.pic then "true" else "false"}${w (definitions self.options)}${w self.flags} \
                            	. "$source"
                            phase=build
                            run "$SL_NINJA" -j "$jobs"${w self.build_targets}
                            ''
                        ++  package.unlessChecking
                              ''
                              	run "$SL_MESON" test --no-rebuild --print-errorlogs${w self.check_flags}
                              ''
                        ++  ( if    self.install
                              then  ''
                                    run "$SL_MESON" install --no-rebuild
                                    ''
                              else  ""
                            )

                  in  analyze
                        own
                        context
                        "meson"
                        [ { variable = "SL_MESON"
                          , toolchain = "meson"
                          , tool = "meson"
                          }
                        , { variable = "SL_NINJA"
                          , toolchain = "meson"
                          , tool = "ninja"
                          }
                        ]
                        (package.whole own "" body)
            }

let script_package =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            settings name srcs deps
        //  { commands = [] : List B.Command
            , analyze =
                \(self : Script) ->
                \(context : Target.Context) ->
                  let own = self.(Settings)

                  in  analyze
                        own
                        context
                        "script"
                        makeProgram
                        ( package.whole
                            own
                            "$optimize"
                            (   "phase=build\n"
                            ++  script.lines
                                  ( L.map
                                      B.Command
                                      Text
                                      (script.command own.locations)
                                      self.commands
                                  )
                            )
                        )
            }

in  { types =
      { Settings, MakeCalls, Autotools, Make, CMake, Meson, Script, Pair }
    , autotools
    , make
    , cmake
    , meson
    , script = script_package
    }
