{-  Rules for no language in particular: genrule, filegroup, alias, test_suite, artifact.  -}
let A = ./Analysis.dhall

let L = ./List.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let Chosen = Optional Toolchain.Toolchain

let unchosen = None Toolchain.Toolchain

let Tool =
      {-  Program  of a toolchain, by the workspace's word for it
          Label    what that target's only output is; `toolchains` are those it needs to run (a
                   program that the C rules built needs "cxx", for its libraries)
          -}
      < Program : { toolchain : Text, tool : Text }
      | Label : { label : Text, toolchains : List Text }
      >

let Run =
      {-  outs         None: those of the rule
          directories  outputs that are directories
          stdout       the output that gets what the program prints
          inputs       beside the rule's srcs and the sources in `arguments`
          -}
      { Type =
          { tool : Tool
          , arguments : List A.Word
          , outs : Optional (List Text)
          , directories : List Text
          , stdout : Optional Text
          , env : List { name : Text, value : A.Word }
          , inputs : List A.Input
          , toolchains : List Text
          , coeffects : List A.Resource
          , timeout : Optional Natural
          }
      , default =
        { arguments = [] : List A.Word
        , outs = None (List Text)
        , directories = [] : List Text
        , stdout = None Text
        , env = [] : List { name : Text, value : A.Word }
        , inputs = [] : List A.Input
        , toolchains = [] : List Text
        , coeffects = [] : List A.Resource
        , timeout = None Natural
        }
      }

let Command =
      {-  All but Run are done without a process.  -}
      < Run : Run.Type
      | Write : { output : Text, content : A.Word, executable : Bool }
      | Copy : { output : Text, from : A.Input }
      | Symlink : { output : Text, target : Text }
      | Tree : { output : Text, entries : List { path : Text, from : A.Input } }
      >

let program =
      \(toolchain : Text) ->
      \(tool : Text) ->
        Tool.Program { toolchain, tool }

let -- A program that the C or C++ rules built.
    built =
      \(label : Text) ->
        Tool.Label { label, toolchains = [ "cxx" ] }

let Genrule =
      {-  Commands run in order; each reads only sources and what earlier ones made.  Dependents
          written in C or C++ find `outs` by #include.  `toolchain` is for the word "userland".  -}
      { common : Target.Common
      , srcs : List Text
      , deps : List Text
      , outs : List Text
      , commands : List Command
      , toolchain : Chosen
      }

let analyzeGenrule =
      \(self : Genrule) ->
      \(context : Target.Context) ->
        let srcs = L.map Text A.Input A.Input.Source self.srcs

        let run =
              \(r : Run.Type) ->
                let word =
                      merge
                        { Program =
                            \(p : { toolchain : Text, tool : Text }) ->
                              A.tool p.toolchain p.tool
                        , Label =
                            \(l : { label : Text, toolchains : List Text }) ->
                              A.Arg.Word [ A.Piece.Source l.label ]
                        }
                        r.tool

                let needs =
                      merge
                        { Program =
                            \(p : { toolchain : Text, tool : Text }) ->
                              [] : List Text
                        , Label =
                            \(l : { label : Text, toolchains : List Text }) ->
                              l.toolchains
                        }
                        r.tool

                in  A.Act.Step
                      (     A.step
                        //  { identifier = self.common.name
                            , command =
                                  [ word ]
                                # L.map A.Word A.Arg A.Arg.Word r.arguments
                            , env = r.env
                            , inputs = srcs # r.inputs
                            , outputs =
                                merge
                                  { None = self.outs
                                  , Some = \(outs : List Text) -> outs
                                  }
                                  r.outs
                            , directories = r.directories
                            , toolchains = needs # r.toolchains
                            , stdout = r.stdout
                            , coeffects = r.coeffects
                            , timeout = r.timeout
                            }
                      )

        in      A.analysis
            //  { actions =
                    L.map
                      Command
                      A.Act
                      ( \(command : Command) ->
                          merge
                            { Run = run
                            , Write = A.Act.Write
                            , Copy = A.Act.Copy
                            , Symlink = A.Act.Symlink
                            , Tree = A.Act.Tree
                            }
                            command
                      )
                      self.commands
                , provides =
                  [ { name = "cxx.headers"
                    , words = L.map Text A.Word A.output self.outs
                    , from = [] : List Text
                    }
                  , { name = "cxx.include"
                    , words = [ [ A.Piece.Outputs ] ]
                    , from = [] : List Text
                    }
                  ]
                , outputs = self.outs
                , toolchains = Toolchain.override "userland" self.toolchain
                , deps = self.deps
                }

let genrule =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(outs : List Text) ->
      \(commands : List Command) ->
        { common = Target.common name
        , srcs
        , deps = [] : List Text
        , outs
        , commands
        , toolchain = unchosen
        , analyze = analyzeGenrule
        }

let Filegroup =
      { common : Target.Common, srcs : List Text, toolchain : Chosen }

let filegroup =
      \(name : Text) ->
      \(srcs : List Text) ->
        { common = Target.common name
        , srcs
        , toolchain = unchosen
        , analyze =
            \(self : Filegroup) ->
            \(context : Target.Context) ->
                  A.analysis
              //  { exports = L.map Text A.Input A.Input.Source self.srcs }
        }

let Alias = { common : Target.Common, actual : Text, toolchain : Chosen }

let alias =
      \(name : Text) ->
      \(actual : Text) ->
        { common = Target.common name
        , actual
        , toolchain = unchosen
        , analyze =
            \(self : Alias) ->
            \(context : Target.Context) ->
                  A.analysis
              //  { exports = [ A.Input.Source self.actual ]
                  , forwards = [ self.actual ]
                  , suite = [ self.actual ]
                  }
        }

let TestSuite =
      { common : Target.Common, tests : List Text, toolchain : Chosen }

let test_suite =
      \(name : Text) ->
      \(tests : List Text) ->
        { common = Target.common name
        , tests
        , toolchain = unchosen
        , analyze =
            \(self : TestSuite) ->
            \(context : Target.Context) ->
              A.analysis // { suite = self.tests }
        }

let Artifact =
      {-  path    what the output is called
          digest  "HASH/SIZE" of a file or tree in the store
          -}
      { common : Target.Common, path : Text, digest : Text, toolchain : Chosen }

let artifact =
      \(name : Text) ->
      \(digest : Text) ->
        { common = Target.common name
        , path = name
        , digest
        , toolchain = unchosen
        , analyze =
            \(self : Artifact) ->
            \(context : Target.Context) ->
                  A.analysis
              //  { actions =
                    [ A.Act.Artifact
                        { output = self.path, digest = self.digest }
                    ]
                  , outputs = [ self.path ]
                  }
        }

in  { types = { Genrule, Filegroup, Alias, TestSuite, Artifact, Tool, Run, Command }
    , program
    , built
    , genrule
    , filegroup
    , alias
    , test_suite
    , artifact
    }
