{ city = 1, country = "CH" }
