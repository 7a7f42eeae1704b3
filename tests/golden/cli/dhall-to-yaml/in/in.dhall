{ block =
    ''
    #!/bin/sh
    echo two lines
    ''
, lists = [ [ 1, 2 ], [] : List Natural, [ 3 ] ]
, none = None Bool
, records = [ { a = 1, b = { c = True } }, { a = 2, b = { c = False } } ]
, `strange key:` = 1
, texts =
  [ "no", "On", "null", "~", "1.0", "0x1f", "2020-01-01", "12:30", "", " space", "a: b", "a #b", "- a", "*a", "&a", "!a", "plain text, with (signs)" ]
, two = "a\n\nb"
, unicode = "caf\u{e9} \u{2028} \u{feff}"
, url = "https://example.com/a?b=c"
, yes = "yes"
}
