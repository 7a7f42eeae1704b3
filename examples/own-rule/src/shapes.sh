rectangle() {
	say "a rectangle of $1 by $2 has the area $(($1 * $2))"
}
