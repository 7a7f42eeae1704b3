./round.dhall
