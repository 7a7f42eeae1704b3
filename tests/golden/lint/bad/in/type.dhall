{ a = 1 + True }
