let Action = ../../prelude/Action.dhall

let Target = ../../prelude/Target.dhall

let Toolchain = ../../prelude/Toolchain.dhall

let Triple = ../../prelude/Triple.dhall

let show = (./show.dhall).analysis

let context =
      { host = Triple.x86_64_linux
      , target = Triple.x86_64_linux
      , mode = Target.Mode.Debug
      }

let userland = Toolchain.hostUserland { programs = [ "sh" ] }

let wrapped =
      Action.action
        "hello"
        Action.Action::{
        , category = Action.ActionCategory.Custom "nix-compat"
        , identifier = "hello-2.12"
        , inputs =
          [ Action.Input.Source "default.nix"
          , Action.Input.Dep "//other:dep"
          , Action.Input.Artifact { name = "src.tar", digest = "aa/1" }
          ]
        , outputs = [ { name = "out", binding = Some "out" } ]
        , command = [ "nix", "build", "--no-link", "(import ./default.nix {})" ]
        , env = [] : List Action.EnvVar
        , toolchain = None Toolchain.Toolchain
        }

let chosen = wrapped // { toolchain = Some userland }

in  { wrapped =
          assert
        :     show (wrapped.analyze wrapped.(Action.Attributes) context)
          ===  ''
               artifact artifacts/src.tar: aa/1
               hello-2.12: nix build --no-link (import ./default.nix {})
                 inputs: <default.nix> <//other:dep> >artifacts/src.tar
                 outputs: out
                 env: out=>out
               outputs: out
               ''
    , chosen =
          assert
        :     show (chosen.analyze chosen.(Action.Attributes) context)
          ===  ''
               artifact artifacts/src.tar: aa/1
               hello-2.12: nix build --no-link (import ./default.nix {})
                 inputs: <default.nix> <//other:dep> >artifacts/src.tar
                 outputs: out
                 toolchains: action hello-2.12
                 env: out=>out
               outputs: out
               toolchains: action hello-2.12=userland
               ''
    , several =
          assert
        :     show
                ( Action.toAnalysis
                    [ Action.write "note" "one\ntwo"
                    , Action.copy "note.txt" "copied"
                    , Action.run
                        userland
                        "shell"
                        [ "a.sh" ]
                        [ "b" ]
                        [ "/usr/bin/sh", "a.sh" ]
                    ]
                )
          ===  ''
               write note: one
               two
               copy copied: <note.txt>
               shell: /usr/bin/sh a.sh
                 inputs: <a.sh>
                 outputs: b
                 toolchains: action shell
               outputs: note copied b
               toolchains: action shell=userland
               ''
    }
