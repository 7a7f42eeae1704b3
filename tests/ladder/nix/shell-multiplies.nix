# Shell whose size doubles, and loops in each other: reported, not run to their end.
{ stdenv }:
{
  doubled = stdenv.mkDerivation {
    name = "doubled-1";
    src = ./src;
    installPhase = ''
      x=aaaaaaaa
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32; do
        x=$x$x
      done
      echo $x > $out/x
    '';
  };
  nested = stdenv.mkDerivation {
    name = "nested-1";
    src = ./src;
    installPhase = ''
      for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do for c in 1 2 3 4 5 6 7 8 9; do
        for d in 1 2 3 4 5 6 7 8 9; do for e in 1 2 3 4 5 6 7 8 9; do for f in 1 2 3 4 5 6 7 8 9; do
          echo $a$b$c$d$e$f >> $out/numbers
        done; done; done
      done; done; done
    '';
  };
}
