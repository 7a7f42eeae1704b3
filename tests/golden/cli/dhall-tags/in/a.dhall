let Config = { home : Text }
in { Config, one.two = 1 }
