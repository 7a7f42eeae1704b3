{-  Plain actions: commands as text, when nothing symbolic is needed.  `toAnalysis` makes what the
    core reads of them, `toActs` does it for one, to stand among the steps of a rule.

    An action finds its inputs at their paths from the workspace's root, and its outputs' paths in the
    variables that they are bound to.  -}
let A = ./Analysis.dhall

let L = ./List.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let ActionCategory = A.Category

let Resource = A.Resource

let EnvVar = { name : Text, value : Text }

let Artifact =
      {-  What the store has: the digest ("HASH/SIZE") of a file or tree, and what to call it.  -}
      { name : Text, digest : Text }

let Input =
      {-  Dep is a label: that target's default outputs.  -}
      < Artifact : Artifact | Source : Text | Dep : Text >

let Output = { name : Text, binding : Optional Text }

let Fields =
      { category : ActionCategory
      , identifier : Text
      , inputs : List Input
      , outputs : List Output
      , command : List Text
      , env : List EnvVar
      , toolchain : Optional Toolchain.Toolchain
      }

let Action =
      {-  A Write writes the words of its command, and a Copy its first input; neither starts a
          process.
          -}
      { Type = Fields
      , default =
        { category = ActionCategory.Run
        , identifier = ""
        , inputs = [] : List Input
        , outputs = [] : List Output
        , command = [] : List Text
        , env = [] : List EnvVar
        , toolchain = None Toolchain.Toolchain
        }
      }

let sources = L.map Text Input Input.Source

let outputs =
      L.map Text Output (\(name : Text) -> { name, binding = None Text })

let withToolchain =
      \(category : ActionCategory) ->
      \(toolchain : Toolchain.Toolchain) ->
      \(identifier : Text) ->
      \(inputs : List Text) ->
      \(outs : List Text) ->
      \(command : List Text) ->
        Action::{
        , category
        , identifier
        , inputs = sources inputs
        , outputs = outputs outs
        , command
        , toolchain = Some toolchain
        }

let compile = withToolchain ActionCategory.Compile

let link = withToolchain ActionCategory.Link

let run = withToolchain ActionCategory.Run

let copy =
      \(from : Text) ->
      \(to : Text) ->
        Action::{
        , category = ActionCategory.Copy
        , identifier = to
        , inputs = sources [ from ]
        , outputs = outputs [ to ]
        }

let write =
      \(to : Text) ->
      \(content : Text) ->
        Action::{
        , category = ActionCategory.Write
        , identifier = to
        , outputs = outputs [ to ]
        , command = [ content ]
        }

let input =
      \(i : Input) ->
        merge
          { Artifact = \(a : Artifact) -> A.Input.Output "artifacts/${a.name}"
          , Source = A.Input.Source
          , Dep = A.Input.Source
          }
          i

let -- The word under which its toolchain is known in its analysis.
    word = \(a : Fields) -> "action ${a.identifier}"

let toStep
    : Fields -> A.Step
    = \(a : Fields) ->
            A.step
        //  { category = a.category
            , identifier = a.identifier
            , command = L.map Text A.Arg A.text a.command
            , env =
                  L.map
                    EnvVar
                    { name : Text, value : A.Word }
                    ( \(e : EnvVar) ->
                        { name = e.name, value = A.word e.value }
                    )
                    a.env
                # L.concatMap
                    Output
                    { name : Text, value : A.Word }
                    ( \(o : Output) ->
                        L.map
                          Text
                          { name : Text, value : A.Word }
                          ( \(binding : Text) ->
                              { name = binding, value = A.output o.name }
                          )
                          (L.optional Text o.binding)
                    )
                    a.outputs
            , inputs = L.map Input A.Input input a.inputs
            , outputs = L.map Output Text (\(o : Output) -> o.name) a.outputs
            , toolchains =
                merge
                  { None = [] : List Text
                  , Some = \(t : Toolchain.Toolchain) -> [ word a ]
                  }
                  a.toolchain
            }

let toActs
    : Fields -> List A.Act
    = \(a : Fields) ->
        let step = [ A.Act.Step (toStep a) ]

        in    L.concatMap
                Input
                A.Act
                ( \(i : Input) ->
                    merge
                      { Artifact =
                          \(artifact : Artifact) ->
                            [ A.Act.Artifact
                                { output = "artifacts/${artifact.name}"
                                , digest = artifact.digest
                                }
                            ]
                      , Source = \(source : Text) -> [] : List A.Act
                      , Dep = \(label : Text) -> [] : List A.Act
                      }
                      i
                )
                a.inputs
            # merge
                { Compile = step
                , Link = step
                , Archive = step
                , Copy =
                    L.concatMap
                      Output
                      A.Act
                      ( \(o : Output) ->
                          L.map
                            Input
                            A.Act
                            ( \(i : Input) ->
                                A.Act.Copy { output = o.name, from = input i }
                            )
                            (L.optional Input (List/head Input a.inputs))
                      )
                      a.outputs
                , Write =
                    L.map
                      Output
                      A.Act
                      ( \(o : Output) ->
                          A.Act.Write
                            { output = o.name
                            , content = L.map Text A.Piece A.Piece.Text a.command
                            , executable = False
                            }
                      )
                      a.outputs
                , Run = step
                , Test = step
                , Custom = \(category : Text) -> step
                }
                a.category

let toAnalysis
    : List Fields -> A.Analysis
    = \(actions : List Fields) ->
            A.analysis
        //  { actions = L.concatMap Fields A.Act toActs actions
            , outputs =
                L.concatMap
                  Fields
                  Text
                  ( \(a : Fields) ->
                      L.map Output Text (\(o : Output) -> o.name) a.outputs
                  )
                  actions
            , toolchains =
                L.concatMap
                  Fields
                  { mapKey : Text, mapValue : A.Rendered }
                  (\(a : Fields) -> Toolchain.override (word a) a.toolchain)
                  actions
            }

let Attributes =
      { common : Target.Common
      , action : Fields
      , toolchain : Optional Toolchain.Toolchain
      }

let -- A target of one action; its own toolchain wins over the action's.
    action =
      \(name : Text) ->
      \(action : Fields) ->
        { common = Target.common name
        , action
        , toolchain = None Toolchain.Toolchain
        , analyze =
            \(self : Attributes) ->
            \(context : Target.Context) ->
              toAnalysis
                [     self.action
                  //  { toolchain =
                          merge
                            { None = self.action.toolchain
                            , Some =
                                \(t : Toolchain.Toolchain) -> self.toolchain
                            }
                            self.toolchain
                      }
                ]
        }

in  { Action
    , ActionCategory
    , Resource
    , EnvVar
    , Artifact
    , Input
    , Output
    , Attributes
    , compile
    , link
    , copy
    , write
    , run
    , toStep
    , toActs
    , toAnalysis
    , action
    }
