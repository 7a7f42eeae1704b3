{-  What a rule says to the core.  These types are the whole contract between the prelude and the
    C code (src/build/analysis.c reads exactly them): a rule is any function that ends in an Analysis.

    Nothing here needs values from other packages.  What a target needs of its dependencies it says
    symbolically, and the core expands it with shared, deduplicated transitive sets.  -}
let Map = \(v : Type) -> List { mapKey : Text, mapValue : v }

let Piece =
      {-  A part of one word.
          Source   a file relative to the package ("src/a.c"), or a label (":gen", "//lib:gen") that
                   stands for the only default output of that target
          Output   an output of this target, by its path in the target's output directory
          Tool     where the toolchain of that name keeps a program ("cc")
          Package  the package's directory from the workspace's root ("." at the root)
          Outputs  the target's output directory
          -}
      < Text : Text
      | Source : Text
      | Output : Text
      | Tool : { toolchain : Text, tool : Text }
      | Package
      | Outputs
      >

let Word = List Piece

let Provided =
      {-  What `deps` provide under `name`; with `transitive`, what they pass on too.  A dependent
          stands before what it depends on, and every word stands once.  -}
      { name : Text, deps : List Text, transitive : Bool }

let Arg =
      {-  Word      one word of argv.  A Source or Output in it is an input (or, if the step declares
                    it, an output) without further mention
          Flags     the toolchain's flags of that category, a word each
          Provided  a word each, after `prefix` and, as a word of its own, `flag`
          -}
      < Word : Word
      | Flags : { toolchain : Text, category : Text }
      | Provided : { provided : Provided, flag : Optional Text, prefix : Text }
      >

let Input = < Source : Text | Output : Text | Provided : Provided >

let Resource =
      < Pure | Network | Auth : Text | Sandbox : Text | Filesystem : Text >

let Category =
      < Compile | Link | Archive | Copy | Write | Run | Test | Custom : Text >

let Step =
      {-  One process.
          inputs    always count: a change in one of them runs the step again
          headers   may be read; the depfile says which were, and only those count afterwards
          stdout    an output that gets what the command prints
          depfile   in make's syntax, written by the command; not an output
          timeout   seconds; None is the workspace's default
          -}
      { category : Category
      , identifier : Text
      , command : List Arg
      , env : List { name : Text, value : Word }
      , inputs : List Input
      , headers : List Input
      , outputs : List Text
      , directories : List Text
      , stdout : Optional Text
      , depfile : Optional Text
      , coeffects : List Resource
      , timeout : Optional Natural
      }

let Act =
      {-  Write, Copy, Symlink and Tree are computed by the core; they never start a process.  -}
      < Step : Step
      | Write : { output : Text, content : Word, executable : Bool }
      | Copy : { output : Text, from : Input }
      | Symlink : { output : Text, target : Text }
      | Tree : { output : Text, entries : List { path : Text, from : Input } }
      >

let Provide =
      {-  `words` join what the targets in `from` provide under the same name.  -}
      { name : Text, words : List Word, from : List Text }

let Rendered =
      {-  A toolchain as the core sees it: bytes, where its programs are, and flags as text.
          Host   captured from this machine at first use
          Tree   pinned: the digest ("HASH/SIZE") of a tree in the store
          -}
      { name : Text
      , bytes :
          < Host :
              { compilers : List Text
              , languages : List Text
              , packages : List Text
              , programs : List Text
              }
          | Tree : Text
          | Nix : Text
          >
      , tools : Map Text
      , flags : Map (List Text)
      , env : List { name : Text, value : Text }
      }

let Analysis =
      {-  actions     in an order in which each reads only what earlier ones write
          tests       run by `straylight test` only
          outputs     what `straylight build` of this target leaves, of the actions' outputs
          executable  what `straylight run` starts
          toolchains  overrides the workspace's choice for a word ("cxx")
          deps        labels that must be built and visible, beyond those named above
          -}
      { actions : List Act
      , tests : List Step
      , provides : List Provide
      , outputs : List Text
      , executable : Optional Text
      , toolchains : Map Rendered
      , deps : List Text
      }

in  { Piece
    , Word
    , Provided
    , Arg
    , Input
    , Resource
    , Category
    , Step
    , Act
    , Provide
    , Rendered
    , Analysis
    }
