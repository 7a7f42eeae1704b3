env:HOME as Text
