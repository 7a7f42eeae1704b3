rectangle "${1:-3}" "${2:-4}"
