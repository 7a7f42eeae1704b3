let A = ../../prelude/Analysis.dhall

let Target = ../../prelude/Target.dhall

let Triple = ../../prelude/Triple.dhall

let g = ../../prelude/general.dhall

let show = (./show.dhall).analysis

let context =
      { host = Triple.x86_64_linux
      , target = Triple.x86_64_linux
      , mode = Target.Mode.Debug
      }

let Command = g.types.Command

let Run = g.types.Run

let rule =
          g.genrule
            "gen"
            [ "in.txt", "//other:list" ]
            [ "out.h", "tree" ]
            [ Command.Write
                { output = "head", content = A.word "top", executable = False }
            , Command.Run
                Run::{
                , tool = g.program "userland" "cat"
                , arguments = [ A.output "head", A.source "in.txt" ]
                , outs = Some [ "out.h" ]
                , stdout = Some "out.h"
                }
            , Command.Run
                Run::{
                , tool = g.built ":tool"
                , arguments =
                  [ [ A.Piece.Text "--dir=", A.Piece.Output "tree" ] ]
                , outs = Some [ "tree" ]
                , directories = [ "tree" ]
                , toolchains = [ "userland" ]
                , env = [ { name = "LIST", value = A.source "//other:list" } ]
                }
            , Command.Copy { output = "copy", from = A.Input.Source "in.txt" }
            , Command.Symlink { output = "link", target = "copy" }
            , Command.Tree
                { output = "all"
                , entries =
                  [ { path = "a/b", from = A.Input.Output "copy" } ]
                }
            ]
      //  { deps = [ ":tool" ] }

let one =
      g.genrule
        "one"
        ([] : List Text)
        [ "one.txt" ]
        [ Command.Run
            Run::{
            , tool = g.program "userland" "echo"
            , arguments = [ A.word "1" ]
            , stdout = Some "one.txt"
            }
        ]

let group = g.filegroup "group" [ "a", ":gen" ]

let other = g.alias "other" "//x:y"

let suite = g.test_suite "suite" [ ":a_test", "//b:all" ]

let pinned = g.artifact "bin.tar" "aa/1"

in  { genrule =
          assert
        :     show (rule.analyze rule.(g.types.Genrule) context)
          ===  ''
               write head: top
               gen: {userland/cat} >head <in.txt>
                 inputs: <in.txt> <//other:list>
                 outputs: out.h
                 stdout: out.h
               gen: <:tool> --dir=>tree
                 inputs: <in.txt> <//other:list>
                 outputs: tree
                 directories: tree
                 toolchains: cxx userland
                 env: LIST=<//other:list>
               copy copy: <in.txt>
               symlink link: copy
               tree all: a/b=>copy
               provides cxx.headers: >out.h >tree
               provides cxx.include: {outputs}
               outputs: out.h tree
               deps: :tool
               ''
    , outs-by-default =
          assert
        :     show (one.analyze one.(g.types.Genrule) context)
          ===  ''
               one: {userland/echo} 1
                 outputs: one.txt
                 stdout: one.txt
               provides cxx.headers: >one.txt
               provides cxx.include: {outputs}
               outputs: one.txt
               ''
    , filegroup =
          assert
        :     show (group.analyze group.(g.types.Filegroup) context)
          ===  ''
               exports: <a> <:gen>
               ''
    , alias =
          assert
        :     show (other.analyze other.(g.types.Alias) context)
          ===  ''
               exports: <//x:y>
               forwards: //x:y
               suite: //x:y
               ''
    , test_suite =
          assert
        :     show (suite.analyze suite.(g.types.TestSuite) context)
          ===  ''
               suite: :a_test //b:all
               ''
    , artifact =
          assert
        :     show (pinned.analyze pinned.(g.types.Artifact) context)
          ===  ''
               artifact bin.tar: aa/1
               outputs: bin.tar
               ''
    }
