{ runCommand }:
runCommand "layout" { greeting = "hi there"; } ''
  mkdir -p $out/bin $out/share
  echo "$greeting" > $out/share/greeting
  ln -s ../share/greeting $out/bin/link
''
