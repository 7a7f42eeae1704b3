~/.ssh/id_rsa as Text
