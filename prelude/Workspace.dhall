{-  What straylight.dhall says: `S.Workspace::{ … }`.

    toolchains  what rules get for a word ("cxx", "userland"); of two entries the first counts
    jobs        None is one per processor
    lint        the level of `straylight lint`
    mode        what `straylight build` does if it is not told
    timeout     seconds that an action may take if it says nothing else; None: as long as it likes
    remote      a Remote Execution server: `Some S.Remote::{ endpoint = "grpc://host:port" }`
    ignore      directories that are no packages and no sources
    host_paths  folders of the machine that builders of wrapped Nix derivations see
    substituters, trusted_keys  binary caches that wrapped Nix derivations are taken from, and whose signatures are
                believed in this workspace beside those that the user trusts
    -}
let A = ./Analysis.dhall

let L = ./List.dhall

let Triple = ./Triple.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let Level =
      < permissive | constrained | dice-preferred | dice-required | pure-dice >

let Remote =
      {-  endpoint    "grpc://host:port" or, with TLS, "grpcs://…"
          cache_only  run nothing there
          require     its troubles are errors; otherwise what it does not do is done here
          write       results of this machine's sandbox go to its cache
          ca, cert, key   files with the authorities to trust, and what this side shows
          Headers with secrets belong into the variable STRAYLIGHT_REMOTE_HEADERS.
          -}
      { endpoint : Text
      , instance : Text
      , cache_only : Bool
      , require : Bool
      , write : Bool
      , ca : Optional Text
      , cert : Optional Text
      , key : Optional Text
      }

let remote =
      { instance = ""
      , cache_only = False
      , require = False
      , write = False
      , ca = None Text
      , cert = None Text
      , key = None Text
      }

let Workspace =
      { toolchains : A.Map Toolchain.Toolchain
      , host : Triple.Triple
      , target : Triple.Triple
      , mode : Target.Mode
      , jobs : Optional Natural
      , lint : Level
      , remote : Optional Remote
      , timeout : Optional Natural
      , ignore : List Text
      , host_paths : List Text
      , substituters : List Text
      , trusted_keys : List Text
      }

let nothing = { packages = [] : List Text, programs = [] : List Text }

let -- Toolchains for packages with a build system of their own, to be put before the default ones.
    foreign = toMap { foreign = Toolchain.hostForeign nothing }

let autoreconf = toMap { autoreconf = Toolchain.hostAutoreconf nothing }

let cmake = toMap { cmake = Toolchain.hostCMake nothing }

let meson = toMap { meson = Toolchain.hostMeson nothing }

let python = toMap { python = Toolchain.hostPython nothing }

let cargo = toMap { cargo = Toolchain.hostCargo nothing }

let -- The toolchain of the Rust rules, to be put before the default ones too.
    rust = toMap { rust = Toolchain.hostRust { packages = [] : List Text } }

let default
    : Workspace
    = { toolchains = toMap
          { cxx = Toolchain.hostCxx { packages = [] : List Text }
          , userland = Toolchain.hostUserland { programs = Toolchain.userland }
          }
      , host = Triple.x86_64_linux_gnu
      , target = Triple.x86_64_linux_gnu
      , mode = Target.Mode.Debug
      , jobs = None Natural
      , lint = Level.constrained
      , remote = None Remote
      , timeout = Some 3600
      , ignore = [] : List Text
      , host_paths = [] : List Text
      , substituters = [] : List Text
      , trusted_keys = [] : List Text
      }

let levelText =
      \(level : Level) ->
        merge
          { permissive = "permissive"
          , constrained = "constrained"
          , dice-preferred = "dice-preferred"
          , dice-required = "dice-required"
          , pure-dice = "pure-dice"
          }
          level

let -- What the core reads.
    Rendered =
      { toolchains : A.Map A.Rendered
      , contexts : { debug : Target.Context, release : Target.Context }
      , mode : Text
      , jobs : Optional Natural
      , lint : Text
      , remote : Optional Remote
      , timeout : Optional Natural
      , ignore : List Text
      , host_paths : List Text
      , substituters : List Text
      , trusted_keys : List Text
      }

let render
    : Workspace -> Rendered
    = \(w : Workspace) ->
        let context =
              \(mode : Target.Mode) -> { host = w.host, target = w.target, mode }

        in  { toolchains =
                L.map
                  { mapKey : Text, mapValue : Toolchain.Toolchain }
                  { mapKey : Text, mapValue : A.Rendered }
                  ( \(e : { mapKey : Text, mapValue : Toolchain.Toolchain }) ->
                      { mapKey = e.mapKey
                      , mapValue = Toolchain.render e.mapValue
                      }
                  )
                  w.toolchains
            , contexts =
              { debug = context Target.Mode.Debug
              , release = context Target.Mode.Release
              }
            , mode = Target.modeText w.mode
            , jobs = w.jobs
            , lint = levelText w.lint
            , remote = w.remote
            , timeout = w.timeout
            , ignore = w.ignore
            , host_paths = w.host_paths
            , substituters = w.substituters
            , trusted_keys = w.trusted_keys
            }

in  { Type = Workspace
    , default
    , Level
    , Remote = { Type = Remote, default = remote }
    , Rendered
    , userland = Toolchain.userland
    , foreign
    , autoreconf
    , cmake
    , meson
    , python
    , cargo
    , rust
    , render
    }
