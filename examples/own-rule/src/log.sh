say() {
	printf '%s\n' "$*"
}
