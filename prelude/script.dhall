{-  Words and typed commands as a shell reads them.  -}
let A = ./Analysis.dhall

let B = ./Builder.dhall

let L = ./List.dhall

let join
    : List Text -> Text
    = \(ts : List Text) ->
        List/fold Text ts Text (\(t : Text) -> \(rest : Text) -> t ++ rest) ""

let lines =
      \(ts : List Text) -> join (L.map Text Text (\(t : Text) -> t ++ "\n") ts)

let -- One word of the script, whatever is in it.
    quote =
      \(t : Text) -> "'" ++ Text/replace "'" "'\\''" t ++ "'"

let variable = \(name : Text) -> "'\"$" ++ name ++ "\"'"

let Entry = { mapKey : Text, mapValue : Text }

let -- The same, with what stands for paths.
    word =
      \(locations : A.Map Text) ->
      \(t : Text) ->
        List/fold
          Entry
          locations
          Text
          ( \(e : Entry) ->
            \(text : Text) ->
              Text/replace "@${e.mapKey}@" (variable e.mapKey) text
          )
          ( Text/replace
              "@source@"
              (variable "source")
              (Text/replace "@prefix@" (variable "prefix") (quote t))
          )

let words =
      \(locations : A.Map Text) ->
      \(ts : List Text) ->
        join (L.map Text Text (\(t : Text) -> " " ++ word locations t) ts)

let command =
      \(locations : A.Map Text) ->
      \(c : B.Command) ->
        let w =
              \(t : Text) ->
                Text/replace "$out" (variable "prefix") (word locations t)

        let ws =
              \(ts : List Text) ->
                join (L.map Text Text (\(t : Text) -> " " ++ w t) ts)

        let option =
              \(name : Text) ->
              \(value : Optional Text) ->
                merge
                  { None = "", Some = \(t : Text) -> " ${name} " ++ w t }
                  value

        let substitute =
              quote
                "BEGIN { ($from, $to) = splice @ARGV, 0, 2 } s/\\Q$from\\E/$to/g"

        in  merge
              { Mkdir = \(path : Text) -> "run mkdir -p ${w path}"
              , Copy =
                  \(x : { from : Text, to : Text }) ->
                    "run cp -R ${w x.from} ${w x.to}"
              , Move =
                  \(x : { from : Text, to : Text }) ->
                    "run mv ${w x.from} ${w x.to}"
              , Remove = \(path : Text) -> "run rm -rf ${w path}"
              , Symlink =
                  \(x : { target : Text, link : Text }) ->
                    "run ln -sfn ${w x.target} ${w x.link}"
              , Chmod =
                  \(x : { path : Text, mode : Text }) ->
                    "run chmod ${w x.mode} ${w x.path}"
              , Write =
                  \(x : { path : Text, content : Text }) ->
                    "printf %s ${w x.content} >${w x.path}"
              , Append =
                  \(x : { path : Text, content : Text }) ->
                    "printf %s ${w x.content} >>${w x.path}"
              , Substitute =
                  \(x : { path : Text, from : Text, to : Text }) ->
                    ''
                    run test -f ${w x.path}
                    run perl -0777 -pi -e ${substitute} -- ${w x.from} ${w x.to} ${w x.path}''
              , Untar =
                  \(x : { archive : Text, strip : Natural }) ->
                    "run tar -xf ${w x.archive} --strip-components=${Natural/show x.strip}"
              , Unzip = \(path : Text) -> "run unzip -q ${w path}"
              , Patch =
                  \(x : { file : Text, strip : Natural }) ->
                    "run patch -p${Natural/show x.strip} -i ${w x.file}"
              , PatchElf =
                  \ ( x
                    : { path : Text
                      , interpreter : Optional Text
                      , rpath : Optional Text
                      }
                    ) ->
                    "run patchelf${option "--set-interpreter" x.interpreter}${option "--set-rpath" x.rpath} ${w x.path}"
              , Configure = \(ts : List Text) -> "run ./configure${ws ts}"
              , Make = \(ts : List Text) -> "run make${ws ts}"
              , Install =
                  \(x : { from : Text, to : Text, mode : Text }) ->
                    "run install -D -m ${w x.mode} ${w x.from} ${w x.to}"
              , Run =
                  \(x : { program : Text, arguments : List Text }) ->
                    "run ${w x.program}${ws x.arguments}"
              }
              c

in  { Entry, join, lines, quote, word, words, command }
