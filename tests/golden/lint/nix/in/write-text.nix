{ writeText, writeShellScriptBin }:
{
  conf = writeText "app.conf" "port = 80";
  start = writeShellScriptBin "start" "exec app --config /etc/app.conf";
}
