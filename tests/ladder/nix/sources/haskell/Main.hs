main :: IO ()
main = print (sum [1 .. 9 :: Int])
