-- imports   stand   everywhere
let one = ./sub/one.dhall  -- local
let again = ./sub/one.dhall sha256:0000000000000000000000000000000000000000000000000000000000000000
let text = ./sub/"a text" as Text
let place = ./sub/one.dhall as Location
let either = missing ? (./sub/one.dhall)
in { one, again, text, either, env = env:FREEZE_ME{- c -}, sum = ./sub/one.dhall + 1 }
