let JSON =
      { Type =
          forall (JSON : Type) ->
          forall ( json
                 : { array : List JSON -> JSON
                   , bool : Bool -> JSON
                   , double : Double -> JSON
                   , integer : Integer -> JSON
                   , null : JSON
                   , object : List { mapKey : Text, mapValue : JSON } -> JSON
                   , string : Text -> JSON
                   }
                 ) ->
            JSON
      }

let anything
    : JSON.Type
    = \(JSON : Type) ->
      \ ( json
        : { array : List JSON -> JSON
          , bool : Bool -> JSON
          , double : Double -> JSON
          , integer : Integer -> JSON
          , null : JSON
          , object : List { mapKey : Text, mapValue : JSON } -> JSON
          , string : Text -> JSON
          }
        ) ->
        json.object
          (toMap { list = json.array [ json.null, json.bool True, json.integer -3 ], x = json.string "text", y = json.double 2.0 })

let Shape = < Circle : { radius : Double } | Nothing >

let Nesting = < Inline | Nested : Text >

in  { anything
    , big = 123456789012345678901234567890
    , bytes = 0x"00ff"
    , date = 2020-01-01
    , doubles = [ 1.0, 2.5e-3, 1e100 ]
    , empty_map = [] : List { mapKey : Text, mapValue : Bool }
    , inline = { field = "kind", nesting = Nesting.Inline, contents = Shape.Circle { radius = 1.5 } }
    , integer = -3
    , map = toMap { x = 1, y = 2 }
    , nested = { field = "kind", nesting = Nesting.Nested "of", contents = Shape.Nothing }
    , shapes = [ Shape.Circle { radius = 2.0 }, Shape.Nothing ]
    , some = Some "a \"text\"\n"
    , when = { date = 2020-01-01, time = 12:00:00.5, timeZone = +02:00 }
    }
