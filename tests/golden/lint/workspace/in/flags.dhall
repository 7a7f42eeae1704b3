let S = env:STRAYLIGHT_PRELUDE

in  { fast = [ S.Flag.OptLevel S.Flags.OptLevel.O3, S.Flag.Raw "-fno-plt" ] }
