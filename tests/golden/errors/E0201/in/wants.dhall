{ a = ./none.dhall }
