-- The few list functions that the prelude needs.
let map
    : forall (a : Type) -> forall (b : Type) -> (a -> b) -> List a -> List b
    = \(a : Type) ->
      \(b : Type) ->
      \(f : a -> b) ->
      \(xs : List a) ->
        List/build
          b
          ( \(list : Type) ->
            \(cons : b -> list -> list) ->
              List/fold a xs list (\(x : a) -> cons (f x))
          )

let concatMap
    : forall (a : Type) -> forall (b : Type) -> (a -> List b) -> List a -> List b
    = \(a : Type) ->
      \(b : Type) ->
      \(f : a -> List b) ->
      \(xs : List a) ->
        List/build
          b
          ( \(list : Type) ->
            \(cons : b -> list -> list) ->
              List/fold a xs list (\(x : a) -> List/fold b (f x) list cons)
          )

let null
    : forall (a : Type) -> List a -> Bool
    = \(a : Type) -> \(xs : List a) -> Natural/isZero (List/length a xs)

let optional
    : forall (a : Type) -> Optional a -> List a
    = \(a : Type) ->
      \(x : Optional a) ->
        merge { None = [] : List a, Some = \(y : a) -> [ y ] } x

in  { map, concatMap, null, optional }
