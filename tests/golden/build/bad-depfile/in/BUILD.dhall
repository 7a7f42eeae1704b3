let S = env:STRAYLIGHT_PRELUDE

let A = S.Analysis

let step =
      \(name : Text) ->
      \(script : Text) ->
        { common = S.Target.common name
        , analyze =
            \(self : { common : S.Target.Common }) ->
            \(context : S.Target.Context) ->
                  A.analysis
              //  { actions =
                    [ A.Act.Step
                        (     A.step
                          //  { identifier = name
                              , command =
                                [ A.tool "userland" "sh", A.text "-c", A.text script ]
                              , outputs = [ "out" ]
                              , depfile = Some "out.d"
                              }
                        )
                    ]
                  , outputs = [ "out" ]
                  }
        }

in  { words = step "words" "cd straylight-out/words && : > out && echo no rule > out.d"
    , folder = step "folder" "cd straylight-out/folder && : > out && mkdir out.d"
    , none = step "none" "cd straylight-out/none && : > out"
    }
