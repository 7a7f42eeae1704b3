{ a = ./back.dhall }
