{ allowedReferences = [ "out" ]; makeFlags = [ "V=1" ]; }
