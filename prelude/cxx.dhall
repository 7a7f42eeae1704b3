{-  C and C++: one action per source, an archive, a shared library, links and tests.

    What a library provides, under these names:
      cxx.headers   the files that compiling against it may read
      cxx.include   directories for -I
      cxx.defines   words for -D
      cxx.archives  what a static link takes
      cxx.shared    what a dynamic link takes: shared libraries, and nothing else
      cxx.linkopts  words for the linker, after the archives
      cxx.search    directories that have the archives, for linkers that are told names
    The first three come through `exported_deps` only, the others through every dependency.

    Sources may be C, C++ or assembly in one target: the C driver tells them by their names.  -}
let A = ./Analysis.dhall

let L = ./List.dhall

let F = ./Flags.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let Arg = A.Arg

let Word = A.Word

let Piece = A.Piece

let Input = A.Input

let LinkStyle = < Static | Shared >

let Unit =
      {-  What a compile step needs to know of its target.
          includes      directories in the package, for -I
          defines       "NAME" or "NAME=value"
          flags         typed; copts, conlyopts and cxxopts are text and come last
          compile_data  files that always count when compiling (what .incbin or #embed reads)
          link_data     files that always count when linking (a version script)
          link_cxx      whether C++'s driver links; with it, unused C++ libraries are left out
          -}
      { common : Target.Common
      , srcs : List Text
      , deps : List Text
      , private_hdrs : List Text
      , includes : List Text
      , defines : List Text
      , c_std : Optional F.CStd
      , cxx_std : Optional F.CxxStd
      , flags : List F.Flag
      , copts : List Text
      , conlyopts : List Text
      , cxxopts : List Text
      , linkopts : List Text
      , pic : Bool
      , compile_data : List Text
      , link_data : List Text
      , link_cxx : Bool
      , toolchain : Optional Toolchain.Toolchain
      }

let Library =
      {-  hdrs           what dependents may include; private_hdrs are for the library's own sources
          exported_deps  dependencies whose headers dependents see too
          includes, defines, linkopts  pass on to dependents; local_includes, local_defines do not
          pic            position-independent objects; without, there is no shared library
          alwayslink     link every object, even if nothing refers to it
          -}
          Unit
      //\\  { hdrs : List Text
            , exported_deps : List Text
            , local_includes : List Text
            , local_defines : List Text
            , alwayslink : Bool
            }

let Binary =
      {-  link_style  Static links archives; Shared puts the libraries beside the program, in
                      NAME.libs, where the program looks for them
          -}
      Unit //\\ { link_style : LinkStyle }

let Ran =
      {-  How a test runs.
          data       files that it reads, by their paths from the workspace's root
          env        its environment
          locations  variables that hold the path of a source or of a label's output
          timeout    seconds
          -}
      { args : List Text
      , data : List Text
      , env : A.Map Text
      , locations : A.Map Text
      , coeffects : List A.Resource
      , timeout : Optional Natural
      }

let Test = Binary //\\ Ran

let cxx = "cxx"

let texts = L.map Text Arg A.text

let words = \(piece : Text -> Piece) -> L.map Text Word (\(t : Text) -> [ piece t ])

let sources = L.map Text Input Input.Source

let provided =
      \(name : Text) ->
      \(deps : List Text) ->
      \(prefix : Text) ->
        Arg.Provided
          { provided = { name, deps, transitive = True }
          , flag = None Text
          , prefix
          }

let directory = \(dir : Text) -> [ Piece.Package, Piece.Text "/${dir}" ]

let -- Labels are no file names: ":gen" becomes "@gen", "//lib:gen" "lib@gen".
    object =
      \(src : Text) -> "obj/${Text/replace ":" "@" (Text/replace "//" "" src)}"

let objects = L.map Text Text (\(src : Text) -> "${object src}.o")

let outputs = L.map Text Arg (\(path : Text) -> Arg.Word [ Piece.Output path ])

let -- See Toolchain.dhall: compilers then name the directory they run in by this.
    env = [ { name = "PWD", value = A.word "/proc/self/cwd" } ]

let cSuffixes = [ ".c" ]

let cxxSuffixes = [ ".cc", ".cpp", ".cxx", ".c++", ".C", ".CPP", ".cp" ]

let -- `u` with all that it may read: `headers`, and `deps` with `exported_deps` among them.
    compile =
      \(u : Unit) ->
      \(headers : List Text) ->
      \(mode : Text) ->
      \(flags : F.Words) ->
        let plain = L.map Text A.Plain (\(t : Text) -> A.Plain.Word (A.word t))

        let before =
                [ A.tool cxx "cc"
                , A.flags cxx "compile_${mode}"
                , A.flags cxx "compile"
                ]
              # texts flags.compile
              # (if u.pic then [ A.text "-fPIC" ] else [] : List Arg)
              # [ A.text "-iquote"
                , A.text "."
                , A.text "-iquote"
                , Arg.Word [ Piece.Package ]
                ]
              # L.map
                  Text
                  Arg
                  ( \(dir : Text) ->
                      Arg.Word ([ Piece.Text "-I" ] # directory dir)
                  )
                  u.includes
              # [ provided "cxx.include" u.deps "-I" ]
              # texts (L.map Text Text (\(d : Text) -> "-D${d}") u.defines)
              # [ provided "cxx.defines" u.deps "-D" ]

        let only =
              \(category : Text) ->
              \(own : List Text) ->
                  [ A.Plain.Flags { toolchain = cxx, category } ]
                # plain own

        let forC =
              only
                "compile_c"
                (   merge
                      { None = [] : List Text
                      , Some = \(std : F.CStd) -> [ "-std=${F.cStd std}" ]
                      }
                      u.c_std
                  # flags.c
                  # u.conlyopts
                )

        let forCxx =
              only
                "compile_cxx"
                (   merge
                      { None = [] : List Text
                      , Some = \(std : F.CxxStd) -> [ "-std=${F.cxxStd std}" ]
                      }
                      u.cxx_std
                  # flags.cxx
                  # u.cxxopts
                )

        let after = texts u.copts

        let inputs = sources u.compile_data

        let headers =
                sources headers
              # sources u.private_hdrs
              # [ Input.Provided
                    { name = "cxx.headers", deps = u.deps, transitive = True }
                ]

        let one =
              \(src : Text) ->
                let path = object src

                in  A.Act.Step
                      (     A.step
                        //  { category = A.Category.Compile
                            , identifier = src
                            , command =
                                  before
                                # [ Arg.When
                                      { file = src
                                      , suffixes = cSuffixes
                                      , args = forC
                                      }
                                  , Arg.When
                                      { file = src
                                      , suffixes = cxxSuffixes
                                      , args = forCxx
                                      }
                                  ]
                                # after
                                # [ Arg.Word
                                      [ Piece.Text "-frandom-seed="
                                      , Piece.Output "${path}.o"
                                      ]
                                  , A.text "-MD"
                                  , A.text "-MF"
                                  , Arg.Word
                                      [ Piece.Outputs, Piece.Text "/${path}.d" ]
                                  , A.text "-c"
                                  , Arg.Word [ Piece.Source src ]
                                  , A.text "-o"
                                  , Arg.Word [ Piece.Output "${path}.o" ]
                                  ]
                            , env
                            , inputs
                            , headers
                            , outputs = [ "${path}.o" ]
                            , depfile = Some "${path}.d"
                            }
                      )

        in  L.map Text A.Act one u.srcs

let -- `own` is what makes it a program or a shared library, `under` what its libraries provide.
    link =
      \(u : Unit) ->
      \(mode : Text) ->
      \(flags : F.Words) ->
      \(own : List Text) ->
      \(under : Text) ->
      \(output : Text) ->
        A.Act.Step
          (     A.step
            //  { category = A.Category.Link
                , identifier = output
                , command =
                      [ A.tool cxx (if u.link_cxx then "cxx" else "cc")
                      , A.flags cxx "link_${mode}"
                      , A.flags cxx "link"
                      , A.text "-Wl,--as-needed"
                      ]
                    # texts own
                    # [ A.text "-o", Arg.Word [ Piece.Output output ] ]
                    # outputs (objects u.srcs)
                    # [ provided under u.deps "" ]
                    # texts flags.link
                    # texts u.linkopts
                    # [ provided "cxx.linkopts" u.deps "" ]
                , env
                , inputs = sources u.link_data
                , outputs = [ output ]
                }
          )

let analyzeLibrary =
      \(self : Library) ->
      \(context : Target.Context) ->
        let mode = Target.modeText context.mode

        let name = self.common.name

        let every = self.deps # self.exported_deps

        let unit =
                  self.(Unit)
              //  { deps = every
                  , includes = self.includes # self.local_includes
                  , defines = self.defines # self.local_defines
                  }

        let archive = "lib${name}.a"

        let shared = "lib${name}.so"

        let empty = L.null Text self.srcs

        let whole = if empty then False else self.alwayslink

        let archived =
              if    empty
              then  [] : List Word
              else  [ if    whole
                      then  [ Piece.Text "-Wl,--whole-archive,"
                            , Piece.Output archive
                            , Piece.Text ",--no-whole-archive"
                            ]
                      else  [ Piece.Output archive ]
                    ]

        let dynamic = if empty then False else self.pic

        let analyze =
              \(flags : F.Words) ->
                    A.analysis
                //  { actions =
                          compile unit self.hdrs mode flags
                        # ( if    empty
                            then  [] : List A.Act
                            else  [ A.Act.Step
                                      (     A.step
                                        //  { category = A.Category.Archive
                                            , identifier = archive
                                            , command =
                                                  [ A.tool cxx "ar"
                                                  , A.flags cxx "archive"
                                                  , Arg.Word
                                                      [ Piece.Output archive ]
                                                  ]
                                                # outputs (objects self.srcs)
                                            , outputs = [ archive ]
                                            }
                                      )
                                  ]
                          )
                        # ( if    dynamic
                            then  [ link
                                      unit
                                      mode
                                      flags
                                      [ "-shared"
                                      , "-Wl,-soname,${shared}"
                                      , "-Wl,-rpath,\$ORIGIN"
                                      ]
                                      "cxx.shared"
                                      shared
                                  ]
                            else  [] : List A.Act
                          )
                    , provides =
                      [ { name = "cxx.headers"
                        , words = words Piece.Source self.hdrs
                        , from = self.exported_deps
                        }
                      , { name = "cxx.include"
                        , words = L.map Text Word directory self.includes
                        , from = self.exported_deps
                        }
                      , { name = "cxx.defines"
                        , words = words Piece.Text self.defines
                        , from = self.exported_deps
                        }
                      , { name = "cxx.archives", words = archived, from = every }
                      , { name = "cxx.shared"
                        , words =
                            if    dynamic
                            then  [ A.output shared ]
                            else  [] : List Word
                        , from = every
                        }
                      , { name = "cxx.linkopts"
                        , words = words Piece.Text (flags.link # self.linkopts)
                        , from = every
                        }
                      , { name = "cxx.search"
                        , words =
                            if    empty
                            then  [] : List Word
                            else  [ [ Piece.Outputs ] ]
                        , from = every
                        }
                      ]
                    , outputs = if empty then [] : List Text else [ archive ]
                    , toolchains = Toolchain.override cxx self.toolchain
                    }

        in  F.words (F.gnu F.lto.common self.flags) A.Analysis analyze

let -- What building a program leaves.
    left =
      \(name : Text) ->
      \(style : LinkStyle) ->
        merge { Static = [ name ], Shared = [ name, "${name}.libs" ] } style

let -- The shared libraries that a program needs, as the directory `libs`.
    libraries =
      \(libs : Text) ->
      \(deps : List Text) ->
        A.Act.Tree
          { output = libs
          , entries =
            [ { path = ""
              , from =
                  Input.Provided { name = "cxx.shared", deps, transitive = True }
              }
            ]
          }

let program =
      \(self : Binary) ->
      \(context : Target.Context) ->
        let mode = Target.modeText context.mode

        let name = self.common.name

        let libs = "${name}.libs"

        let unit = self.(Unit)

        let analyze =
              \(flags : F.Words) ->
                    A.analysis
                //  { actions =
                          compile unit ([] : List Text) mode flags
                        # merge
                            { Static =
                              [ link
                                  unit
                                  mode
                                  flags
                                  ([] : List Text)
                                  "cxx.archives"
                                  name
                              ]
                            , Shared =
                              [ link
                                  unit
                                  mode
                                  flags
                                  [ "-Wl,-rpath,\$ORIGIN/${libs}" ]
                                  "cxx.shared"
                                  name
                              , libraries libs self.deps
                              ]
                            }
                            self.link_style
                    , outputs = left name self.link_style
                    , executable = Some name
                    , toolchains = Toolchain.override cxx self.toolchain
                    }

        in  F.words (F.gnu F.lto.common self.flags) A.Analysis analyze

let -- A step that runs the program `name`.
    test =
      \(name : Text) ->
      \(style : LinkStyle) ->
      \(self : Ran) ->
      \(toolchains : List Text) ->
            A.step
        //  { category = A.Category.Test
            , identifier = name
            , command = [ Arg.Word [ Piece.Output name ] ] # texts self.args
            , env =
                  L.map
                    { mapKey : Text, mapValue : Text }
                    { name : Text, value : Word }
                    ( \(e : { mapKey : Text, mapValue : Text }) ->
                        { name = e.mapKey, value = A.word e.mapValue }
                    )
                    self.env
                # L.map
                    { mapKey : Text, mapValue : Text }
                    { name : Text, value : Word }
                    ( \(e : { mapKey : Text, mapValue : Text }) ->
                        { name = e.mapKey, value = A.source e.mapValue }
                    )
                    self.locations
            , inputs =
                  L.map Text Input Input.Output (left name style)
                # sources self.data
            , toolchains
            , coeffects = self.coeffects
            , timeout = self.timeout
            }

let analyzeTest =
      \(self : Test) ->
      \(context : Target.Context) ->
            program self.(Binary) context
        //  { tests =
              [ test self.common.name self.link_style self.(Ran) [ cxx ] ]
            }

let none = [] : List Text

let ran =
        { args = none
        , data = none
        , env = [] : A.Map Text
        , locations = [] : A.Map Text
        , coeffects = [] : List A.Resource
        , timeout = None Natural
        }
      : Ran

let unit =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
          { common = Target.common name
          , srcs
          , deps
          , private_hdrs = none
          , includes = none
          , defines = none
          , c_std = None F.CStd
          , cxx_std = None F.CxxStd
          , flags = [] : List F.Flag
          , copts = none
          , conlyopts = none
          , cxxopts = none
          , linkopts = none
          , pic = False
          , compile_data = none
          , link_data = none
          , link_cxx = True
          , toolchain = None Toolchain.Toolchain
          }
        : Unit

let binary =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
        unit name srcs deps // { link_style = LinkStyle.Static }

let cxx_library =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(hdrs : List Text) ->
      \(deps : List Text) ->
            unit name srcs deps
        //  { hdrs
            , exported_deps = none
            , local_includes = none
            , local_defines = none
            , alwayslink = False
            , pic = True
            , analyze = analyzeLibrary
            }

let cxx_binary =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
        binary name srcs deps // { analyze = program }

let cxx_test =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
        binary name srcs deps // ran // { analyze = analyzeTest }

in  { types = { Library, Binary, Test, Ran, LinkStyle }
    , cxx_library
    , cxx_binary
    , cxx_test
    , left
    , libraries
    , ran
    , test
    }
