let S = env:STRAYLIGHT_PRELUDE

let fetch =
      S.Run::{
      , tool = S.program "userland" "curl"
      , arguments = [ S.word "https://example.org" ]
      , stdout = Some "page"
      }

let rule = \(name : Text) -> \(run : S.Run.Type) ->
      S.genrule name ([] : List Text) [ "page" ] [ S.Command.Run run ]

in  { hidden = rule "hidden" fetch
    , declared = rule "declared" (fetch // { coeffects = [ S.Resource.Network ] })
    , secret = rule "secret" (fetch // { coeffects = [ S.Resource.Network, S.Resource.Auth "github" ] })
    }
