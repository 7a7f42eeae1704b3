{ buildGoModule }:
buildGoModule { pname = "srv"; version = "1"; src = ./.; vendorHash = null; ldflags = [ "-s" ]; CGO_ENABLED = 0; }
