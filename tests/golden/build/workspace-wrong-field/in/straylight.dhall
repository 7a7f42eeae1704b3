let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{ jobs = 4 }
