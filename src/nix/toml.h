/* toml.h: what the two files of the TOML reader share: tables (toml.c) and values (toml_value.c). */
#ifndef STRAYLIGHT_NIX_TOML_H
#define STRAYLIGHT_NIX_TOML_H

#include "builtin.h"

struct toml_table;

struct toml_member { /* one of the three */
	sym name;
	struct val *v;
	struct toml_table *table;
	struct toml_table **array; /* of [[name]] */
	size_t narray, array_cap;
};

struct toml_table {
	struct toml_member *m;
	size_t n, cap;
	bool closed; /* written inline: nothing may be added */
	bool header; /* its [header] was seen */
	bool dotted; /* made by a dotted key */
};

struct toml {
	struct nix *x;
	str in;
	size_t at;
};

SL_NORETURN void toml_bad(struct toml *, const char *what);
void toml_blank(struct toml *);   /* spaces and tabs */
void toml_lines(struct toml *);   /* and line ends and comments */
void toml_comment(struct toml *);
void toml_string(struct toml *, struct buf *, bool lines); /* lines: three quotes may be meant */
struct val *toml_value(struct toml *);
struct toml_table *toml_inline(struct toml *);
void toml_close(struct toml_table *);
void toml_set(struct toml *, const struct toml_table *, struct val *out);

static inline char toml_look(const struct toml *r)
{
	return r->at < r->in.n ? r->in.p[r->at] : '\0';
}

#endif
