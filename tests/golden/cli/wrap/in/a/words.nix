"words"
