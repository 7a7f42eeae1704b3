{-  Rules for shell scripts: a script is its modules and a main file in one, each checked by `sh -n`.

    A module provides "sh.modules", and "sh.checked" so that a script does not come to be before its
    modules are checked; a script takes those of all that it depends on, near or far.  -}
let S = env:STRAYLIGHT_PRELUDE

let A = S.Analysis

let none = [] : List Text

let map = S.List.map

let userland = "userland"

let -- What every rule of this file has.
    Attributes =
      { common : S.Target.Common
      , srcs : List Text
      , deps : List Text
      , toolchain : Optional S.Toolchain.Toolchain
      }

let -- `sh -n FILE`, whose output is an empty file that says it went well.
    check =
      \(src : Text) ->
        A.Act.Step
          (     A.step
            //  { category = A.Category.Custom "check"
                , identifier = src
                , command =
                  [ A.tool userland "sh"
                  , A.text "-n"
                  , A.Arg.Word (A.source src)
                  ]
                , outputs = [ "checked/${src}" ]
                , stdout = Some "checked/${src}"
                }
          )

let checked = map Text Text (\(src : Text) -> "checked/${src}")

let -- What all that `deps` lead to provides.
    provided =
      \(name : Text) ->
      \(deps : List Text) ->
        { name, deps, transitive = True }

let sh_library =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
        { common = S.Target.common name
        , srcs
        , deps
        , toolchain = None S.Toolchain.Toolchain
        , analyze =
            \(self : Attributes) ->
            \(context : S.Target.Context) ->
                  A.analysis
              //  { actions = map Text A.Act check self.srcs
                  , provides =
                    [ { name = "sh.modules"
                      , words = map Text A.Word A.source self.srcs
                      , from = self.deps
                      }
                    , { name = "sh.checked"
                      , words = map Text A.Word A.output (checked self.srcs)
                      , from = self.deps
                      }
                    ]
                  , outputs = checked self.srcs
                  , toolchains = S.Toolchain.override userland self.toolchain
                  }
        }

let sh_binary =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(deps : List Text) ->
        { common = S.Target.common name
        , srcs
        , deps
        , toolchain = None S.Toolchain.Toolchain
        , interpreter = "/usr/bin/sh"
        , analyze =
            \(self : Attributes //\\ { interpreter : Text }) ->
            \(context : S.Target.Context) ->
              let name = self.common.name

              let join =
                        A.step
                    //  { identifier = name
                        , command =
                              [ A.tool userland "cat"
                              , A.Arg.Word (A.output "head")
                              , A.Arg.Provided
                                  { provided = provided "sh.modules" self.deps
                                  , flag = None Text
                                  , prefix = ""
                                  }
                              ]
                            # map
                                Text
                                A.Arg
                                (\(src : Text) -> A.Arg.Word (A.source src))
                                self.srcs
                        , inputs =
                              map Text A.Input A.Input.Output (checked self.srcs)
                            # [ A.Input.Provided
                                  (provided "sh.checked" self.deps)
                              ]
                        , outputs = [ "joined" ]
                        , stdout = Some "joined"
                        }

              let install =
                        A.step
                    //  { identifier = name
                        , command =
                          [ A.tool userland "install"
                          , A.text "-m755"
                          , A.Arg.Word (A.output "joined")
                          , A.Arg.Word (A.output name)
                          ]
                        , outputs = [ name ]
                        }

              in      A.analysis
                  //  { actions =
                            map Text A.Act check self.srcs
                          # [ A.Act.Write
                                { output = "head"
                                , content = A.word "#!${self.interpreter}\n"
                                , executable = False
                                }
                            , A.Act.Step join
                            , A.Act.Step install
                            ]
                      , outputs = [ name ]
                      , executable = Some name
                      , toolchains = S.Toolchain.override userland self.toolchain
                      }
        }

in  { sh_library, sh_binary }
