let a = 1
-- c
in { a
, b = {- d
  e -} 2 }