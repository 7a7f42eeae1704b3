{-  Rust: one action per crate.

    What a crate provides, under these names:
      rust.extern   "NAME=FILE" for --extern, of the crate itself
      rust.search   directories for -L dependency=
      rust.crates   the files that stand there
      rust.linking  options for what is linked with it
    and, as C libraries do, cxx.archives, cxx.shared, cxx.linkopts and cxx.search: what C libraries
    among its dependencies give, and itself, if C can link it.  So a program of either language is
    linked to libraries of both, and an edit in a C library runs rustc only where a program is linked.

    The compiler is of the toolchain "rust"; what links is C++'s driver of "cxx".  -C metadata is the
    target's label: crates of one name may stand in one program.  /work is the directory that every
    step runs in, and no output names it.  -}
let A = ./Analysis.dhall

let L = ./List.dhall

let F = ./Flags.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let cxx = ./cxx.dhall

let Arg = A.Arg

let Word = A.Word

let Piece = A.Piece

let Input = A.Input

let LinkStyle = cxx.types.LinkStyle

let Edition = < E2015 | E2018 | E2021 | E2024 >

let CrateType = < Bin | Lib | RLib | DyLib | CDyLib | StaticLib | ProcMacro >

let Crate =
      {-  srcs          the first is the crate's root, the others its modules and what it includes
          deps          crates, and what the C rules make
          proc_macro    labels of procedural macros
          crate_name    None is the target's name with "_" for "-"
          features      for `cfg(feature = "…")`
          compile_data  files that always count when compiling (what a macro reads)
          -}
      { common : Target.Common
      , srcs : List Text
      , deps : List Text
      , proc_macro : List Text
      , edition : Edition
      , crate_name : Optional Text
      , features : List Text
      , rustc_flags : List F.Flag
      , compile_data : List Text
      , toolchain : Optional Toolchain.Toolchain
      }

let Library =
      {-  Lib and RLib are for crates in Rust, as is DyLib; StaticLib and CDyLib for C, C++ and the
          like; a ProcMacro is for the compiler.  Bin is a program.  -}
      Crate //\\ { crate_type : CrateType }

let Binary =
      {-  link_style  Static links archives of C libraries; Shared puts the shared ones, and crates
                      that are a DyLib, into NAME.libs, where the program looks for them.  With a
                      DyLib, Rust's own library is shared too, and comes from the toolchain
          -}
      Crate //\\ { link_style : LinkStyle }

let Test = Binary //\\ cxx.types.Ran

let rust = "rust"

let none = [] : List Text

let texts = L.map Text Arg A.text

let sources = L.map Text Input Input.Source

let editionText =
      \(edition : Edition) ->
        merge
          { E2015 = "2015", E2018 = "2018", E2021 = "2021", E2024 = "2024" }
          edition

let -- All but the first.
    modules =
      \(srcs : List Text) ->
        L.concatMap
          { index : Natural, value : Text }
          Text
          ( \(src : { index : Natural, value : Text }) ->
              if Natural/isZero src.index then none else [ src.value ]
          )
          (List/indexed Text srcs)

let crateName =
      \(c : Crate) ->
        merge
          { None = Text/replace "-" "_" c.common.name
          , Some = \(name : Text) -> name
          }
          c.crate_name

let provided =
      \(name : Text) ->
      \(deps : List Text) ->
      \(transitive : Bool) ->
      \(flag : Optional Text) ->
      \(prefix : Text) ->
        Arg.Provided { provided = { name, deps, transitive }, flag, prefix }

let -- `under` is what C libraries provide; the driver adds what it always links, where it is needed.
    linking =
      \(deps : List Text) ->
      \(under : Text) ->
          [ Arg.Word
              [ Piece.Text "-Clinker="
              , Piece.Tool { toolchain = "cxx", tool = "cxx" }
              ]
          , A.text "-Cdefault-linker-libraries=yes"
          , provided "rust.linking" deps True (None Text) ""
          , provided "cxx.search" deps True (None Text) "-Lnative="
          , provided under deps True (Some "-C") "link-arg="
          , provided "cxx.linkopts" deps True (Some "-C") "link-arg="
          ]

let -- `own` is what makes it a program, or a library of some kind.
    compile =
      \(c : Crate) ->
      \(mode : Text) ->
      \(own : List Arg) ->
      \(output : Text) ->
        let name = crateName c

        let deps = c.deps # c.proc_macro

        let depfile = "${c.common.name}.d"

        in  A.Act.Step
              (     A.step
                //  { category = A.Category.Compile
                    , identifier = output
                    , command =
                          [ A.tool rust "rustc"
                          , A.flags rust "rustc_${mode}"
                          , A.flags rust "rustc"
                          , A.text "--crate-name=${name}"
                          , A.text "--edition=${editionText c.edition}"
                          , Arg.Word
                              [ Piece.Text "-Cmetadata=//"
                              , Piece.Package
                              , Piece.Text ":${c.common.name}"
                              ]
                          , A.text "--remap-path-prefix=/work=."
                          ]
                        # L.concatMap
                            Text
                            Arg
                            ( \(feature : Text) ->
                                [ A.text "--cfg"
                                , A.text "feature=\"${feature}\""
                                ]
                            )
                            c.features
                        # [ provided "rust.extern" deps False (Some "--extern") ""
                          , provided
                              "rust.search"
                              deps
                              True
                              (None Text)
                              "-Ldependency="
                          ]
                        # own
                        # texts (F.rustc c.rustc_flags)
                        # [ Arg.Word [ Piece.Text "--out-dir=", Piece.Outputs ]
                          , Arg.Word
                              [ Piece.Text "--emit=dep-info="
                              , Piece.Outputs
                              , Piece.Text "/${depfile}"
                              ]
                          , Arg.Word
                              [ Piece.Text "--emit=link=", Piece.Output output ]
                          ]
                        # L.map
                            Text
                            Arg
                            (\(root : Text) -> Arg.Word [ Piece.Source root ])
                            (L.optional Text (List/head Text c.srcs))
                    , inputs =
                          sources c.compile_data
                        # [ Input.Provided
                              { name = "rust.crates", deps, transitive = True }
                          ]
                    , headers = sources (modules c.srcs)
                    , outputs = [ output ]
                    , depfile = Some depfile
                    }
              )

let Form =
      {-  own       its arguments
          crate     its file, if Rust can depend on it
          crates    whose crates its dependents need too; rustc looks for macros as well
          native    whose C libraries its dependents are linked to
          archive, shared, linkopts  what it adds to those
          linking   options for rustc when it links it
          -}
      { own : List Arg
      , output : Text
      , crate : List Text
      , crates : List Text
      , native : List Text
      , archive : List Text
      , shared : List Text
      , linkopts : List Text
      , linking : List Text
      }

let form =
      \(c : Crate) ->
      \(type : CrateType) ->
        let name = crateName c

        let crates = c.deps # c.proc_macro

        let linked = linking c.deps "cxx.archives"

        let bare =
              \(type : Text) ->
              \(output : Text) ->
                  { own = [ A.text "--crate-type=${type}" ]
                  , output
                  , crate = none
                  , crates = none
                  , native = none
                  , archive = none
                  , shared = none
                  , linkopts = none
                  , linking = none
                  }
                : Form

        let rlib =
              \(type : Text) ->
                let output = "lib${name}.rlib"

                in      bare type output
                    //  { crate = [ output ], crates, native = c.deps }

        let dynamic =
              \(type : Text) ->
                let output = "lib${name}.so"

                in      bare type output
                    //  { own =
                              [ A.text "--crate-type=${type}"
                              , A.text "-Clink-arg=-Wl,-soname,${output}"
                              ]
                            # linked
                        , shared = [ output ]
                        }

        in  merge
              { Bin =
                  let k = bare "bin" c.common.name

                  in  k // { own = k.own # linked }
              , Lib = rlib "lib"
              , RLib = rlib "rlib"
              , DyLib =
                  let k = dynamic "dylib"

                  let linking = [ "-Cprefer-dynamic" ]

                  in      k
                      //  { own = texts linking # k.own
                          , crate = k.shared
                          , crates
                          , linking
                          }
              , CDyLib = dynamic "cdylib"
              , StaticLib =
                  let output = "lib${name}.a"

                  in      bare "staticlib" output
                      //  { native = c.deps
                          , archive = [ output ]
                          , linkopts = [ "-lpthread", "-ldl", "-lm" ]
                          }
              , ProcMacro =
                  let output = "lib${name}.so"

                  in      bare "proc-macro" output
                      //  { own =
                                texts
                                  [ "--crate-type=proc-macro"
                                  , "--extern"
                                  , "proc_macro"
                                  , "-Cstrip=debuginfo"
                                  ]
                              # linked
                          , crate = [ output ]
                          }
              }
              type

let outputs = L.map Text Word A.output

let analyzeLibrary =
      \(self : Library) ->
      \(context : Target.Context) ->
        let crate = self.(Crate)

        let k = form crate self.crate_type

        let provide =
              \(name : Text) ->
              \(from : List Text) ->
              \(words : List Word) ->
                { name, words, from }

        in      A.analysis
            //  { actions =
                  [ compile crate (Target.modeText context.mode) k.own k.output ]
                , provides =
                  [ provide
                      "rust.extern"
                      none
                      ( L.map
                          Text
                          Word
                          ( \(file : Text) ->
                              [ Piece.Text "${crateName crate}="
                              , Piece.Output file
                              ]
                          )
                          k.crate
                      )
                  , provide
                      "rust.search"
                      k.crates
                      (L.map Text Word (\(file : Text) -> [ Piece.Outputs ]) k.crate)
                  , provide "rust.crates" k.crates (outputs k.crate)
                  , provide
                      "rust.linking"
                      k.crates
                      (L.map Text Word A.word k.linking)
                  , provide "cxx.search" k.native ([] : List Word)
                  , provide "cxx.archives" k.native (outputs k.archive)
                  , provide "cxx.shared" k.native (outputs k.shared)
                  , provide
                      "cxx.linkopts"
                      k.native
                      (L.map Text Word A.word k.linkopts)
                  ]
                , outputs = [ k.output ]
                , executable =
                    merge
                      { Bin = Some k.output
                      , Lib = None Text
                      , RLib = None Text
                      , DyLib = None Text
                      , CDyLib = None Text
                      , StaticLib = None Text
                      , ProcMacro = None Text
                      }
                      self.crate_type
                , toolchains = Toolchain.override rust self.toolchain
                }

let program =
      \(self : Binary) ->
      \(type : Text) ->
      \(context : Target.Context) ->
        let name = self.common.name

        let libs = "${name}.libs"

        let built =
              \(own : List Text) ->
              \(under : Text) ->
                compile
                  self.(Crate)
                  (Target.modeText context.mode)
                  (texts ([ type ] # own) # linking self.deps under)
                  name

        in      A.analysis
            //  { actions =
                    merge
                      { Static = [ built none "cxx.archives" ]
                      , Shared =
                        [ built
                            [ "-Clink-arg=-Wl,-rpath,\$ORIGIN/${libs}" ]
                            "cxx.shared"
                        , cxx.libraries libs self.deps
                        ]
                      }
                      self.link_style
                , outputs = cxx.left name self.link_style
                , executable = Some name
                , toolchains = Toolchain.override rust self.toolchain
                }

let analyzeBinary = \(self : Binary) -> program self "--crate-type=bin"

let analyzeTest =
      \(self : Test) ->
      \(context : Target.Context) ->
            program self.(Binary) "--test" context
        //  { tests =
              [ cxx.test
                  self.common.name
                  self.link_style
                  self.(cxx.types.Ran)
                  [ rust, "cxx" ]
              ]
            }

let crate =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
          { common = Target.common name
          , srcs
          , deps
          , proc_macro = none
          , edition = Edition.E2021
          , crate_name = None Text
          , features = none
          , rustc_flags = [] : List F.Flag
          , compile_data = none
          , toolchain = None Toolchain.Toolchain
          }
        : Crate

let rust_library =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            crate name srcs deps
        //  { crate_type = CrateType.Lib, analyze = analyzeLibrary }

let rust_binary =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            crate name srcs deps
        //  { link_style = LinkStyle.Static, analyze = analyzeBinary }

let rust_test =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
            crate name srcs deps
        //  { link_style = LinkStyle.Static }
        //  cxx.ran
        //  { analyze = analyzeTest }

in  { types = { Library, Binary, Test, CrateType, Edition }
    , rust_library
    , rust_binary
    , rust_test
    }
