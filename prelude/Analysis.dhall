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

let Plain = < Word : Word | Flags : { toolchain : Text, category : Text } >

let Arg =
      {-  Word      one word of argv.  A Source or Output in it is an input (or, if the step declares
                    it, an output) without further mention
          Flags     the toolchain's flags of that category, a word each; a category that the
                    toolchain does not have is none
          Provided  a word each, after `prefix` and, as a word of its own, `flag`
          When      `args`, if the file's name ends in one of `suffixes`.  `file` is as in
                    Piece.Source; of a label it is the default output's name that counts.  So a rule
                    tells languages apart, which Dhall cannot: it has no test on Text
          -}
      < Word : Word
      | Flags : { toolchain : Text, category : Text }
      | Provided : { provided : Provided, flag : Optional Text, prefix : Text }
      | When :
          { file : Text
          , suffixes : List Text
          , args : List Plain
          }
      >

let Input =
      {-  Source    a file relative to the package, or a label: all default outputs of that target
          Output    an output of this target
          Provided  the files in those words
          -}
      < Source : Text | Output : Text | Provided : Provided >

let Resource =
      < Pure | Network | Auth : Text | Sandbox : Text | Filesystem : Text >

let Category =
      < Compile | Link | Archive | Copy | Write | Run | Test | Custom : Text >

let Step =
      {-  One process.
          inputs      always count: a change in one of them runs the step again
          headers     may be read; the depfile says which were, and only those count afterwards
          toolchains  those whose bytes and environment the step needs, beyond those that its
                      command names (a program that was built needs the libraries it was linked to)
          stdout      an output that gets what the command prints
          depfile     in make's syntax, written by the command under the target's output directory;
                      not an output; a command that writes none may have read every header
          timeout     seconds; None is the workspace's default
          -}
      { category : Category
      , identifier : Text
      , command : List Arg
      , env : List { name : Text, value : Word }
      , inputs : List Input
      , headers : List Input
      , outputs : List Text
      , directories : List Text
      , toolchains : List Text
      , stdout : Optional Text
      , depfile : Optional Text
      , coeffects : List Resource
      , timeout : Optional Natural
      }

let Act =
      {-  All but Step are computed by the core; they never start a process.
          Copy      of one file or tree
          Symlink   `target` as it stands
          Tree      a directory; an entry whose input is several files is a directory of them by
                    their last names, "" being the tree itself
          Artifact  an output whose bytes the store has: the digest ("HASH/SIZE") of a file or tree
          Sources   a directory of the files in `from`, each at its path below its package or its
                    target's outputs; a directory among them gives what is in it
          Fetch     what the first of `urls` that has it gives, by its `hash`, as Nix writes hashes
                    (64 hexadecimal digits are SHA-256).  With `unpack` the directory that an archive
                    holds: `strip` in it, None being its only topmost one, if it has nothing beside
          -}
      < Step : Step
      | Write : { output : Text, content : Word, executable : Bool }
      | Copy : { output : Text, from : Input }
      | Symlink : { output : Text, target : Text }
      | Tree : { output : Text, entries : List { path : Text, from : Input } }
      | Artifact : { output : Text, digest : Text }
      | Sources : { output : Text, from : List Input }
      | Fetch :
          { output : Text
          , urls : List Text
          , hash : Text
          , unpack : Bool
          , strip : Optional Text
          , executable : Bool
          }
      >

let Provide =
      {-  `words` join what the targets in `from` provide under the same name.  -}
      { name : Text, words : List Word, from : List Text }

let Host =
      {-  Compilers with what they need for `languages`, the files of Debian `packages` (of
          "NAME/depends" also those of the packages that NAME depends on), `programs` with their
          libraries.
          -}
      { compilers : List Text
      , languages : List Text
      , packages : List Text
      , programs : List Text
      }

let Origin =
      {-  Host    captured from this machine at first use
          Tree    pinned: the digest ("HASH/SIZE") of a tree in the store
          Pinned  the same, and what it was captured from: a machine whose store does not have
                  the tree captures it, and that must give this digest
          Nix     an installable ("nixpkgs#rustc"): the bootstrap form
          -}
      < Host : Host
      | Tree : Text
      | Pinned : { digest : Text, host : Host }
      | Nix : Text
      >

let Rendered =
      {-  A toolchain as the core sees it: bytes, where its programs are, and flags as text.
          bytes  laid over one another at the root; one path with two contents is an error
          tools  absolute paths in those bytes, or, in Nix's, relative to the store path
          env    of every step that uses the toolchain; the step's own wins
          -}
      { name : Text
      , bytes : List Origin
      , tools : Map Text
      , flags : Map (List Text)
      , env : List { name : Text, value : Text }
      }

let Analysis =
      {-  actions     in an order in which each reads only what earlier ones write
          tests       run by `straylight test` only
          outputs     what `straylight build` of this target leaves, of the actions' outputs.  An
                      action that nothing asked for needs does not run
          exports     default outputs that are not this target's own: sources, other targets' files
          forwards    labels whose provides are passed on whole, every name; of the first, what
                      `straylight run` starts too
          suite       labels whose tests are this target's tests
          executable  what `straylight run` starts
          toolchains  overrides the workspace's choice for a word ("cxx")
          deps        labels that must be built and visible, beyond those named above
          -}
      { actions : List Act
      , tests : List Step
      , provides : List Provide
      , outputs : List Text
      , exports : List Input
      , forwards : List Text
      , suite : List Text
      , executable : Optional Text
      , toolchains : Map Rendered
      , deps : List Text
      }

let -- A step that runs nothing, to be completed: `A.step // { command = … }`.
    step
    : Step
    = { category = Category.Run
      , identifier = ""
      , command = [] : List Arg
      , env = [] : List { name : Text, value : Word }
      , inputs = [] : List Input
      , headers = [] : List Input
      , outputs = [] : List Text
      , directories = [] : List Text
      , toolchains = [] : List Text
      , stdout = None Text
      , depfile = None Text
      , coeffects = [] : List Resource
      , timeout = None Natural
      }

let -- An analysis that does nothing, to be completed likewise.
    analysis
    : Analysis
    = { actions = [] : List Act
      , tests = [] : List Step
      , provides = [] : List Provide
      , outputs = [] : List Text
      , exports = [] : List Input
      , forwards = [] : List Text
      , suite = [] : List Text
      , executable = None Text
      , toolchains = [] : Map Rendered
      , deps = [] : List Text
      }

let word = \(text : Text) -> [ Piece.Text text ] : Word

let source = \(file : Text) -> [ Piece.Source file ] : Word

let output = \(path : Text) -> [ Piece.Output path ] : Word

let -- One word that is plain text.
    text = \(t : Text) -> Arg.Word [ Piece.Text t ]

let tool =
      \(toolchain : Text) ->
      \(name : Text) ->
        Arg.Word [ Piece.Tool { toolchain, tool = name } ]

let flags =
      \(toolchain : Text) ->
      \(category : Text) ->
        Arg.Flags { toolchain, category }

in  { Map
    , Piece
    , Word
    , Provided
    , Plain
    , Arg
    , Input
    , Resource
    , Category
    , Step
    , Act
    , Provide
    , Host
    , Origin
    , Rendered
    , Analysis
    , step
    , analysis
    , word
    , source
    , output
    , text
    , tool
    , flags
    }
