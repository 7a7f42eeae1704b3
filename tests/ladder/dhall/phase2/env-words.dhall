let S = env:STRAYLIGHT_PRELUDE

in      -- as the distribution has it
        S.autotools
          "curl"
          [ "src/Makefile", "src/configure", "src/lib/lib.c", "src/main.c" ]
          ([] : List Text)
    //  { configure_flags = [ "--with-openssl", "--disable-ldap" ]
        , subdir = "src"
        , env = [ { name = "CFLAGS", value = "-O2 -g" } ]
        }
