{ writeText, writeShellScriptBin, writeTextDir }:
{
  conf = writeText "app.conf" "port = 80\n";
  start = writeShellScriptBin "start" "exec app --config /etc/app.conf";
  page = writeTextDir "share/www/index.html" "<p>hello</p>";
}
