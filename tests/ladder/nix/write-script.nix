{ writeScript, writeScriptBin }:
{
  a = writeScript "a.sh" "#!/bin/sh\necho a\n";
  b = writeScriptBin "b" "#!/bin/sh\necho b\n";
}
