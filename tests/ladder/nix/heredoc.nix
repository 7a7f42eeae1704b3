{ stdenv }:
stdenv.mkDerivation {
  name = "conf-1";
  src = ./sources/plain;
  dontConfigure = true;
  dontBuild = true;
  installPhase = ''
    mkdir -p $out/etc
    cat > $out/etc/app.conf <<EOF
    port = 80
    root = $out
    EOF
    echo "# end" >> $out/etc/app.conf
  '';
}
