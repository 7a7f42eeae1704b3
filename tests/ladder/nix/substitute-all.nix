{ substituteAll }:
substituteAll { name = "app.conf"; src = ./sources/template.conf; port = 80; }
