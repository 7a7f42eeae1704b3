{- a header
     that keeps its shape
-}

-- and a second one
let {- the count -} x = 1 -- one
-- about y
let y : Natural -- its type
   = 2
let f = \(a : Natural) -> -- the body
   (a -- inside
   )
let record = {
  a = 1, -- behind a
  b = { c = 2 }, {- inline -} d = [ 1 -- first
  , 2, 3 {- three -} ]
  -- before the end
}
let nothing = { -- nothing here
}
in
-- the result
if x == y {- the same -} then record.a
  -- otherwise
  else f ./other.dhall -- it
    {- sha -} sha256:0000000000000000000000000000000000000000000000000000000000000000 + "${Natural/show 0xff {- text -}}"
-- the end
