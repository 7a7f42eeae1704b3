./self.dhall
