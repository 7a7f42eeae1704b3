-- A file with   odd spaces
let unused = ./../b.dhall  -- goes with it

-- about used
let used    = ./../c.dhall in
let checked = used === used
in  {   a=used }
