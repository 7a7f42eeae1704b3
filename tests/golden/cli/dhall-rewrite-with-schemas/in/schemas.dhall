let Address =
      { Type = { country : Text, city : Optional Text }
      , default.city = None Text
      }

let Person =
      { Type = { name : Text, address : Address.Type, alive : Bool }
      , default = { alive = True, address = { country = "CH", city = None Text } }
      }

let Same = { Type = Person.Type, default = {=} }

in  { Aaa = Same, Address, Person }
