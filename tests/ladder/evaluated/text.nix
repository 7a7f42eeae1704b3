{ writeText, runCommand }: {
  conf = writeText "conf" "a = 1\n";
  made = runCommand "made" { } "mkdir -p $out\necho made > $out/file";
}
