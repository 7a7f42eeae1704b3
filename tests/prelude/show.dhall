{-  An analysis as text, one line for each act: what the rules say, readable in a test.  -}
let A = ../../prelude/Analysis.dhall

let L = ../../prelude/List.dhall

let join =
      \(between : Text) ->
      \(xs : List Text) ->
        ( List/fold
            Text
            xs
            { first : Text, rest : Text }
            ( \(x : Text) ->
              \(all : { first : Text, rest : Text }) ->
                { first = "${x}${all.rest}", rest = "${between}${x}${all.rest}" }
            )
            { first = "", rest = "" }
        ).first

let each =
      \(a : Type) ->
      \(show : a -> Text) ->
      \(between : Text) ->
      \(xs : List a) ->
        join between (L.map a Text show xs)

let piece =
      \(p : A.Piece) ->
        merge
          { Text = \(t : Text) -> t
          , Source = \(t : Text) -> "<${t}>"
          , Output = \(t : Text) -> ">${t}"
          , Tool =
              \(t : { toolchain : Text, tool : Text }) ->
                "{${t.toolchain}/${t.tool}}"
          , Package = "{package}"
          , Outputs = "{outputs}"
          }
          p

let word = each A.Piece piece ""

let provided =
      \(p : A.Provided) ->
        if    p.transitive
        then  "${p.name}(${join " " p.deps})"
        else  "${p.name}[${join " " p.deps}]"

let flags =
      \(f : { toolchain : Text, category : Text }) ->
        "{${f.toolchain}.${f.category}}"

let plain =
      \(p : A.Plain) -> merge { Word = word, Flags = flags } p

let arg =
      \(arg : A.Arg) ->
        merge
          { Word = word
          , Flags = flags
          , Provided =
              \ ( p
                : { provided : A.Provided, flag : Optional Text, prefix : Text }
                ) ->
                "{${merge
                      { None = "", Some = \(flag : Text) -> "${flag} " }
                      p.flag}${p.prefix}${provided p.provided}}"
          , When =
              \ ( w
                : { file : Text, suffixes : List Text, args : List A.Plain }
                ) ->
                "{${join " " w.suffixes}? ${each A.Plain plain " " w.args}}"
          }
          arg

let input =
      \(i : A.Input) ->
        merge
          { Source = \(t : Text) -> "<${t}>"
          , Output = \(t : Text) -> ">${t}"
          , Provided = provided
          }
          i

let inputs =
      \(title : Text) ->
      \(list : List A.Input) ->
        if    L.null A.Input list
        then  ""
        else  "\n  ${title}: ${each A.Input input " " list}"

let texts =
      \(title : Text) ->
      \(list : List Text) ->
        if L.null Text list then "" else "\n  ${title}: ${join " " list}"

let step =
      \(s : A.Step) ->
            "${s.identifier}: ${each A.Arg arg " " s.command}"
        ++  inputs "inputs" s.inputs
        ++  inputs "headers" s.headers
        ++  texts "outputs" s.outputs
        ++  texts "directories" s.directories
        ++  texts "toolchains" s.toolchains
        ++  texts "stdout" (L.optional Text s.stdout)
        ++  texts "depfile" (L.optional Text s.depfile)
        ++  texts
              "env"
              ( L.map
                  { name : Text, value : A.Word }
                  Text
                  ( \(e : { name : Text, value : A.Word }) ->
                      "${e.name}=${word e.value}"
                  )
                  s.env
              )

let act =
      \(a : A.Act) ->
        merge
          { Step = step
          , Write =
              \(w : { output : Text, content : A.Word, executable : Bool }) ->
                "write ${w.output}: ${word w.content}"
          , Copy =
              \(c : { output : Text, from : A.Input }) ->
                "copy ${c.output}: ${input c.from}"
          , Symlink =
              \(s : { output : Text, target : Text }) ->
                "symlink ${s.output}: ${s.target}"
          , Tree =
              \ ( t
                : { output : Text
                  , entries : List { path : Text, from : A.Input }
                  }
                ) ->
                "tree ${t.output}: ${each
                                       { path : Text, from : A.Input }
                                       ( \ ( e
                                           : { path : Text, from : A.Input }
                                           ) ->
                                           "${e.path}=${input e.from}"
                                       )
                                       " "
                                       t.entries}"
          , Artifact =
              \(a : { output : Text, digest : Text }) ->
                "artifact ${a.output}: ${a.digest}"
          , Sources =
              \(s : { output : Text, from : List A.Input }) ->
                "sources ${s.output}: ${each A.Input input " " s.from}"
          , Fetch =
              \ ( f
                : { output : Text
                  , urls : List Text
                  , hash : Text
                  , unpack : Bool
                  , strip : Optional Text
                  , executable : Bool
                  }
                ) ->
                "fetch ${f.output}: ${join " " f.urls} ${f.hash}${if    f.unpack
                                                                  then  " unpack"
                                                                  else  ""}${merge
                                                                               { None =
                                                                                   ""
                                                                               , Some =
                                                                                   \(t : Text) ->
                                                                                     " strip=${t}"
                                                                               }
                                                                               f.strip}"
          }
          a

let lines =
      \(a : Type) ->
      \(show : a -> Text) ->
      \(xs : List a) ->
        List/fold a xs Text (\(x : a) -> \(rest : Text) -> "${show x}\n${rest}") ""

let provide =
      \(p : A.Provide) ->
        let words =
              if    L.null A.Word p.words
              then  ""
              else  " ${each A.Word word " " p.words}"

        let from =
              if L.null Text p.from then "" else " | ${join " " p.from}"

        in  "provides ${p.name}:${words}${from}"

let title =
      \(name : Text) ->
      \(xs : List Text) ->
        if L.null Text xs then "" else "${name}: ${join " " xs}\n"

in  { act
    , step
    , provide
    , analysis =
        \(a : A.Analysis) ->
              lines A.Act act a.actions
          ++  lines A.Step (\(s : A.Step) -> "test ${step s}") a.tests
          ++  lines A.Provide provide a.provides
          ++  title "outputs" a.outputs
          ++  title "exports" (L.map A.Input Text input a.exports)
          ++  title "forwards" a.forwards
          ++  title "suite" a.suite
          ++  title "executable" (L.optional Text a.executable)
          ++  title "deps" a.deps
          ++  title
                "toolchains"
                ( L.map
                    { mapKey : Text, mapValue : A.Rendered }
                    Text
                    ( \(e : { mapKey : Text, mapValue : A.Rendered }) ->
                        "${e.mapKey}=${e.mapValue.name}"
                    )
                    a.toolchains
                )
    }
