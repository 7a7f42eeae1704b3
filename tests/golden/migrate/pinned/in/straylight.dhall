let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{=}
