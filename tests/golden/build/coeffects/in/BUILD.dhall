let S = env:STRAYLIGHT_PRELUDE

let needs =
      \(name : Text) ->
      \(resource : S.Resource) ->
        S.genrule
          name
          ([] : List Text)
          [ "out" ]
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "sh"
              , stdout = Some "out"
              , coeffects = [ S.Resource.Pure, resource ]
              }
          ]

in  { network = needs "network" S.Resource.Network
    , auth = needs "auth" (S.Resource.Auth "github")
    , files = needs "files" (S.Resource.Filesystem "/var/lib")
    }
