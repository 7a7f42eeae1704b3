import (builtins.fetchurl "https://example.org/package.nix")
