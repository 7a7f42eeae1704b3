{-  Derivations, as phases 0 to 2 know them: `Derivation` is what Nix itself takes, `MkDerivation` what
    nixpkgs' stdenv.mkDerivation takes, `ConstrainedDerivation` what phase 1 leaves of both.

    The first two have escape hatches, and lint reports each that is used: `env`, phases as shell,
    `builder` as a path, Input.Src, `builtins.toNix`, `allowSubstitutes = False`, `__impure`, and
    references that are not given.  -}
let A = ./Analysis.dhall

let Action = ./Action.dhall

let Builder = ./Builder.dhall

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
