{-  Rules for shell scripts: a script is its modules and a main file in one, each checked by `sh -n`.

    A module provides "sh.modules"; a script takes those of all that it depends on, near or far.  -}
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

let checked = map Text A.Input (\(src : Text) -> A.Input.Output "checked/${src}")

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
                    ]
                  , outputs = map Text Text (\(src : Text) -> "checked/${src}") self.srcs
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
                                  { provided =
                                    { name = "sh.modules"
                                    , deps = self.deps
                                    , transitive = True
                                    }
                                  , flag = None Text
                                  , prefix = ""
                                  }
                              ]
                            # map
                                Text
                                A.Arg
                                (\(src : Text) -> A.Arg.Word (A.source src))
                                self.srcs
                        , inputs = checked self.srcs
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
