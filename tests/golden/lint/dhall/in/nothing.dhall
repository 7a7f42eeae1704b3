{ version = "1.0", authors = [ "a", "b" ] }
