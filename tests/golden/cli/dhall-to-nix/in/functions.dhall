let U = < A : Natural | B >

let R = { a : { b : Natural }, c : Natural }

in  { shadow = \(x : Natural) -> \(x : Natural) -> x@1 + x * 2
    , names = \(builtins : Natural) -> \(`1/+` : Natural) -> [ builtins, `1/+` ]
    , capture = \(u : Natural) -> U.A u
    , constructor = U.A
    , `merge` = \(u : U) -> merge { A = \(n : Natural) -> n, B = 0 } u
    , optional =
        \(o : Optional Natural) ->
          merge { None = 0, Some = \(n : Natural) -> n } o
    , `with` =
        \(r : { a : { b : Natural }, o : Optional { x : Natural } }) ->
          r with a.b = 2 with o.?.x = 3
    , combine = \(r : R) -> r /\ { a.d = 1 }
    , prefer = \(r : R) -> r // { a = 1 }
    , project = \(r : R) -> r.{ a, c }
    , `toMap` = \(r : { a : Natural }) -> toMap r
    , choose = \(b : Bool) -> \(c : Bool) -> if b && (c || b) then "x" else "y"
    , text = \(t : Text) -> Text/show "${t} \n" ++ Text/replace "a" t "abc"
    , list = \(l : List Natural) -> l # [ 1 ]
    , polymorphic = \(A : Type) -> \(x : A) -> x
    , fold = \(n : Natural) -> Natural/fold n Text (\(t : Text) -> t ++ "x") ""
    }
