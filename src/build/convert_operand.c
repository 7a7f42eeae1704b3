/* What stands behind a program: its options and its operands. */
#include "convert_shell.h"

void shell_operands(struct running *r, const texts *words, const char *valued, struct operands *out)
{
	bool only = false;

	for (size_t i = 1; i < words->n; i++) {
		str w = words->p[i];

		if (only || w.n < 2 || w.p[0] != '-') {
			vec_push(&out->words, w);
		} else if (str_eq(w, S("--"))) {
			only = true;
		} else if (w.p[1] == '-') {
			vec_push(&out->options, w);
		} else {
			for (size_t k = 1; k < w.n; k++) {
				if (!char_in(w.p[k], valued)) {
					vec_push(&out->options, str_fmt(&r->p->c->arena, "-%c", w.p[k]));
					continue;
				}
				str value = k + 1 < w.n ? str_from(w, k + 1) : i + 1 < words->n ? words->p[i + 1] : (str){0};

				i += k + 1 >= w.n;
				if (w.p[k] == 'm')
					out->mode = value;
				else if (w.p[k] == 't')
					out->target = value;
				break;
			}
		}
	}
}

bool shell_has_option(const struct operands *o, const char *option)
{
	for (size_t i = 0; i < o->options.n; i++)
		if (str_eq(o->options.p[i], str_c(option)))
			return true;
	return false;
}

void shell_end_operands(struct operands *o)
{
	vec_free(&o->words);
	vec_free(&o->options);
}
