(env:STRAYLIGHT_PRELUDE).Workspace::{=}
