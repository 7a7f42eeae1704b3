let
  src = fetchTarball "https://example.org/nixpkgs.tar.gz";
  repo = builtins.fetchGit { url = "https://example.org/a.git"; };
  pinned = builtins.fetchGit { url = "https://example.org/a.git"; rev = "0123456789012345678901234567890123456789"; };
in
import src { overlays = [ (import (repo + "/overlay.nix")) (import pinned) ]; }
