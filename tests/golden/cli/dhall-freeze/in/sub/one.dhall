../sub/two.dhall
