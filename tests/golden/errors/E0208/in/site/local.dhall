/etc/passwd as Text
