let A = ../../prelude/Analysis.dhall

let L = ../../prelude/List.dhall

let Target = ../../prelude/Target.dhall

let Toolchain = ../../prelude/Toolchain.dhall

let Workspace = ../../prelude/Workspace.dhall

let words =
      L.map
        { mapKey : Text, mapValue : A.Rendered }
        Text
        ( \(e : { mapKey : Text, mapValue : A.Rendered }) ->
            "${e.mapKey}=${e.mapValue.name}"
        )

let r = Workspace.render Workspace::{=}

let own =
      Workspace.render
        Workspace::{
        , toolchains =
              toMap { rust = Toolchain.fromNix "nixpkgs#rustc" }
            # Workspace.default.toolchains
        , mode = Target.Mode.Release
        , lint = Workspace.Level.dice-required
        , timeout = None Natural
        }

let rust =
      Workspace.render
        Workspace::{ toolchains = Workspace.rust # Workspace.default.toolchains }

in  { default = assert : words r.toolchains === [ "cxx=gcc", "userland=userland" ]
    , mode = assert : r.mode === "debug"
    , release = assert : r.contexts.release.mode === Target.Mode.Release
    , lint = assert : r.lint === "constrained"
    , own =
          assert
        : words own.toolchains === [ "rust=nix", "cxx=gcc", "userland=userland" ]
    , rust = assert : words rust.toolchains === [ "rust=rustc", "cxx=gcc", "userland=userland" ]
    , own-mode = assert : own.mode === "release"
    , own-lint = assert : own.lint === "dice-required"
    }
