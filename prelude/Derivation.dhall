{-  Derivations, as phases 0 to 2 know them: `Derivation` is what Nix itself takes, `MkDerivation` what
    nixpkgs' stdenv.mkDerivation takes, `ConstrainedDerivation` what phase 1 leaves of both.

    The first two have escape hatches, and lint reports each that is used: `env`, phases as shell,
    `builder` as a path, Input.Src, `builtins.toNix`, `allowSubstitutes = False`, `__impure`, and
    references that are not given.  -}
let A = ./Analysis.dhall

let Action = ./Action.dhall

let Builder = ./Builder.dhall

let L = ./List.dhall

let Toolchain = ./Toolchain.dhall

let System = < x86_64-linux | aarch64-linux | x86_64-darwin | aarch64-darwin >

let EnvVar = Action.EnvVar

let Artifact = Action.Artifact

let HashMode = < Flat | Recursive >

let Output =
      {-  hash  of an output that is known beforehand, with its mode and algorithm  -}
      { name : Text
      , path : Optional Text
      , hashMode : Optional HashMode
      , hashAlgo : Optional Text
      , hash : Optional Text
      }

let -- An output of that name, whose content is not known beforehand.
    output =
      \(name : Text) ->
          { name
          , path = None Text
          , hashMode = None HashMode
          , hashAlgo = None Text
          , hash = None Text
          }
        : Output

let Nix =
      {-  A Nix expression as text: what `builtins.toNix` makes.  -}
      { toNix : Text }

let Fetch =
      {-  rev     of git; None for a file
      sha256  without one anything may come  -}
      { url : Text, rev : Optional Text, sha256 : Optional Text }

let Input =
      {-  Drv    outputs of another derivation, by its attribute ("zlib") or .drv
      Src    a path beside the file: bytes that no digest names
      Store  bytes of the store
      Fetch  of the network
      Nix    whatever the expression gives  -}
      < Drv : { drv : Text, outputs : List Text }
      | Src : Text
      | Store : Artifact
      | Fetch : Fetch
      | Nix : Nix
      >

let -- The first output of a derivation.
    drv =
      \(name : Text) -> Input.Drv { drv = name, outputs = [ "out" ] }

let fetchurl =
      \(args : { url : Text, sha256 : Text }) ->
        Input.Fetch
          { url = args.url, rev = None Text, sha256 = Some args.sha256 }

let fetchgit =
      \(args : { url : Text, rev : Text, sha256 : Text }) ->
        Input.Fetch
          { url = args.url, rev = Some args.rev, sha256 = Some args.sha256 }

let builtins = { toNix = \(expression : Text) -> { toNix = expression } : Nix }

let Derivation =
      {-  References are outputs and inputs by their names; None is any.  -}
      { name : Text
      , system : System
      , builder : Text
      , args : List Text
      , env : List EnvVar
      , inputs : List Input
      , outputs : List Output
      , allowedReferences : Optional (List Text)
      , allowedRequisites : Optional (List Text)
      , disallowedReferences : Optional (List Text)
      , disallowedRequisites : Optional (List Text)
      , preferLocalBuild : Bool
      , allowSubstitutes : Bool
      , __impure : Bool
      }

let derivation =
      \(name : Text) ->
      \(builder : Text) ->
      \(args : List Text) ->
          { name
          , system = System.x86_64-linux
          , builder
          , args
          , env = [] : List EnvVar
          , inputs = [] : List Input
          , outputs = [ output "out" ]
          , allowedReferences = None (List Text)
          , allowedRequisites = None (List Text)
          , disallowedReferences = None (List Text)
          , disallowedRequisites = None (List Text)
          , preferLocalBuild = False
          , allowSubstitutes = True
          , __impure = False
          }
        : Derivation

let Phase =
      < Unpack
      | Patch
      | Configure
      | Build
      | Check
      | Install
      | Fixup
      | InstallCheck
      | Custom : Text
      >

let Meta =
      { description : Optional Text
      , license : Optional Text
      , platforms : List System
      }

let MkDerivation =
      {-  function   of nixpkgs, that is applied to all the rest
      phases     None: those of stdenv
      attrs      further attributes, as Nix
      xPhase     shell, in the place of what stdenv would do
      cargoHash  of buildRustPackage  -}
      { name : Text
      , version : Optional Text
      , function : Text
      , src : Input
      , system : System
      , buildInputs : List Input
      , nativeBuildInputs : List Input
      , propagatedBuildInputs : List Input
      , patches : List Input
      , configureFlags : List Text
      , makeFlags : List Text
      , env : List EnvVar
      , attrs : A.Map Nix
      , phases : Optional (List Phase)
      , unpackPhase : Optional Text
      , patchPhase : Optional Text
      , configurePhase : Optional Text
      , buildPhase : Optional Text
      , checkPhase : Optional Text
      , installPhase : Optional Text
      , fixupPhase : Optional Text
      , installCheckPhase : Optional Text
      , doCheck : Bool
      , dontFixup : Bool
      , dontStrip : Bool
      , outputs : List Text
      , allowedReferences : Optional (List Text)
      , allowSubstitutes : Bool
      , __impure : Bool
      , cargoHash : Optional Text
      , meta : Meta
      }

let mkDerivation =
      \(name : Text) ->
      \(src : Input) ->
        let inputs = [] : List Input

        let shell = None Text

        in    { name
              , version = None Text
              , function = "stdenv.mkDerivation"
              , src
              , system = System.x86_64-linux
              , buildInputs = inputs
              , nativeBuildInputs = inputs
              , propagatedBuildInputs = inputs
              , patches = inputs
              , configureFlags = [] : List Text
              , makeFlags = [] : List Text
              , env = [] : List EnvVar
              , attrs = [] : A.Map Nix
              , phases = None (List Phase)
              , unpackPhase = shell
              , patchPhase = shell
              , configurePhase = shell
              , buildPhase = shell
              , checkPhase = shell
              , installPhase = shell
              , fixupPhase = shell
              , installCheckPhase = shell
              , doCheck = False
              , dontFixup = False
              , dontStrip = False
              , outputs = [ "out" ]
              , allowedReferences = None (List Text)
              , allowSubstitutes = True
              , __impure = False
              , cargoHash = None Text
              , meta =
                { description = None Text
                , license = None Text
                , platforms = [] : List System
                }
              }
            : MkDerivation

let buildRustPackage =
      \(name : Text) ->
      \(src : Input) ->
      \(cargoHash : Text) ->
            mkDerivation name src
        //  { function = "rustPlatform.buildRustPackage"
            , cargoHash = Some cargoHash
            }

let mkHaskellPackage =
      \(name : Text) ->
      \(src : Input) ->
        mkDerivation name src // { function = "haskellPackages.mkDerivation" }

let ConstrainedInput =
      {-  All that phase 1 lets in: each names its bytes.  -}
      < Drv : { drv : Text, outputs : List Text } | Store : Artifact >

let ConstrainedDerivation =
      {-  Neither environment nor phases: the builder says all.  -}
      { name : Text
      , system : System
      , builder : Builder.Builder
      , inputs : List ConstrainedInput
      , outputs : List Text
      , allowedReferences : Optional (List Text)
      }

let constrained =
      \(name : Text) ->
      \(builder : Builder.Builder) ->
      \(inputs : List ConstrainedInput) ->
          { name
          , system = System.x86_64-linux
          , builder
          , inputs
          , outputs = [ "out" ]
          , allowedReferences = Some ([] : List Text)
          }
        : ConstrainedDerivation

let -- A string of Nix.
    quote =
      \(text : Text) ->
        let escaped =
              Text/replace
                "\${"
                "\\\${"
                (Text/replace "\"" "\\\"" (Text/replace "\\" "\\\\" text))

        in  "\"${escaped}\""

let words = L.concatMap Text Text (\(text : Text) -> [ " ", text ])

let join = \(list : List Text) -> List/fold Text list Text (\(a : Text) -> \(b : Text) -> a ++ b) ""

let nixList = \(items : List Text) -> "[${join (words items)} ]"

let quoted = \(items : List Text) -> nixList (L.map Text Text quote items)

let systemText =
      \(system : System) ->
        merge
          { x86_64-linux = "x86_64-linux"
          , aarch64-linux = "aarch64-linux"
          , x86_64-darwin = "x86_64-darwin"
          , aarch64-darwin = "aarch64-darwin"
          }
          system

let nixFetch =
      \(f : Fetch) ->
        let url = "url = ${quote f.url};"

        in  merge
              { Some =
                  \(rev : Text) ->
                    "(builtins.fetchGit { ${url} rev = ${quote rev}; })"
              , None =
                  merge
                    { Some =
                        \(sha256 : Text) ->
                          "(import <nix/fetchurl.nix> { ${url} sha256 = ${quote
                                                                            sha256}; })"
                    , None = "(builtins.fetchurl { ${url} })"
                    }
                    f.sha256
              }
              f.rev

let nixInput =
      \(i : Input) ->
        merge
          { Drv =
              \(d : { drv : Text, outputs : List Text }) ->
                L.map
                  Text
                  Text
                  ( \(output : Text) ->
                      "(import <nixpkgs> { }).${d.drv}.${output}"
                  )
                  d.outputs
          , Src = \(path : Text) -> [ "(./. + ${quote "/${path}"})" ]
          , Store =
              \(a : Artifact) -> [ "(<artifact> + ${quote "/${a.name}"})" ]
          , Fetch = \(f : Fetch) -> [ nixFetch f ]
          , Nix = \(n : Nix) -> [ "(${n.toNix})" ]
          }
          i

let -- Files and artifacts; what else a derivation uses its expression names.
    drvInputsToActionInputs =
      L.concatMap
        Input
        Action.Input
        ( \(i : Input) ->
            merge
              { Drv =
                  \(d : { drv : Text, outputs : List Text }) ->
                    [] : List Action.Input
              , Src = \(path : Text) -> [ Action.Input.Source path ]
              , Store = \(a : Artifact) -> [ Action.Input.Artifact a ]
              , Fetch = \(f : Fetch) -> [] : List Action.Input
              , Nix = \(n : Nix) -> [] : List Action.Input
              }
              i
        )

let drvOutputsToActionOutputs =
      L.map
        Output
        Action.Output
        (\(o : Output) -> { name = o.name, binding = Some o.name })

let attribute =
      \(name : Text) -> \(value : Text) -> [ "${name} = ${value};" ]

let references =
      \(name : Text) ->
      \(list : Optional (List Text)) ->
        merge
          { None = [] : List Text
          , Some = \(names : List Text) -> attribute name (quoted names)
          }
          list

let fixed =
      \(o : Output) ->
        let some =
              \(name : Text) ->
              \(value : Optional Text) ->
                merge
                  { None = [] : List Text
                  , Some = \(text : Text) -> attribute name (quote text)
                  }
                  value

        let mode =
              \(m : HashMode) -> merge { Flat = "flat", Recursive = "recursive" } m

        in    some "outputHash" o.hash
            # some "outputHashAlgo" o.hashAlgo
            # merge
                { None = [] : List Text
                , Some =
                    \(m : HashMode) -> attribute "outputHashMode" (quote (mode m))
                }
                o.hashMode

let -- An expression of Nix.  The builder finds the paths of its inputs in $inputs, in their order.
    drvToExpr =
      \(drv : Derivation) ->
        let inputs = L.concatMap Input Text nixInput drv.inputs

        let attributes =
                attribute "name" (quote drv.name)
              # attribute "system" (quote (systemText drv.system))
              # attribute "builder" (quote drv.builder)
              # attribute "args" (quoted drv.args)
              # attribute
                  "outputs"
                  ( quoted
                      (L.map Output Text (\(o : Output) -> o.name) drv.outputs)
                  )
              # L.concatMap Output Text fixed drv.outputs
              # ( if    L.null Text inputs
                  then  [] : List Text
                  else  attribute "inputs" (nixList inputs)
                )
              # L.concatMap
                  EnvVar
                  Text
                  (\(e : EnvVar) -> attribute (quote e.name) (quote e.value))
                  drv.env
              # references "allowedReferences" drv.allowedReferences
              # references "allowedRequisites" drv.allowedRequisites
              # references "disallowedReferences" drv.disallowedReferences
              # references "disallowedRequisites" drv.disallowedRequisites
              # ( if    drv.preferLocalBuild
                  then  attribute "preferLocalBuild" "true"
                  else  [] : List Text
                )
              # ( if    drv.allowSubstitutes
                  then  [] : List Text
                  else  attribute "allowSubstitutes" "false"
                )
              # ( if    drv.__impure
                  then  attribute "__impure" "true"
                  else  [] : List Text
                )

        in  "(derivation {${join (words attributes)} })"

let -- A derivation as an action, which is built as Nix would, without Nix.
    nixCompat =
      \(drv : Derivation) ->
        Action.Action::{
        , category = Action.ActionCategory.Custom "nix-compat"
        , identifier = drv.name
        , inputs = drvInputsToActionInputs drv.inputs
        , outputs = drvOutputsToActionOutputs drv.outputs
        , command = [ "nix", "build", "--no-link", drvToExpr drv ]
        , env = [] : List Action.EnvVar
        , toolchain = None Toolchain.Toolchain
        }

in  { System
    , EnvVar
    , Artifact
    , HashMode
    , Output
    , output
    , Nix
    , Fetch
    , Input
    , drv
    , fetchurl
    , fetchgit
    , builtins
    , Derivation
    , derivation
    , drvInputsToActionInputs
    , drvOutputsToActionOutputs
    , drvToExpr
    , nixCompat
    , Phase
    , Meta
    , MkDerivation
    , mkDerivation
    , buildRustPackage
    , mkHaskellPackage
    , Builder = Builder.Builder
    , Command = Builder.Command
    , ConstrainedInput
    , ConstrainedDerivation
    , constrained
    }
