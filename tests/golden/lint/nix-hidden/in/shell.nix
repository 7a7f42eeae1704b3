{
  a = derivation { name = "a"; system = "x86_64-linux"; builder = "/bin/bash"; args = [ "-e" "-c" "wget https://example.org" ]; allowedReferences = [ ]; };
  b = derivation { name = "b"; system = "x86_64-linux"; builder = "/usr/bin/env"; args = [ "A=1" "sh" "-ec" "echo > $out" ]; allowedReferences = [ ]; };
  c = derivation { name = "c"; system = "x86_64-linux"; builder = "/usr/bin/curl"; args = [ "-o" "x" "https://example.org" ]; allowedReferences = [ ]; };
}
