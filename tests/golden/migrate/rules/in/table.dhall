{ gadget = "//third_party/gadget:gadget" }
