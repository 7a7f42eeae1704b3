-- Who there is.
let name = "Alice"

in  { alice = { address = { city = None Text, country = "US" }, alive = True, name }
    , bob = { address = { city = None Text, country = "CH" }, alive = False, name = "Bob" }
    , list = [ Some { city = Some "Bern", country = "CH" } ]
    , function = \(schemas : Natural) -> { schemas, a = { city = None Text, country = "US" } }
    , open = \(country : Text) -> { city = None Text, country }
    }
