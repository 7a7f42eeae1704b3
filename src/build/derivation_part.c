/* Settings that the three kinds of derivations have in common. */
#include "derivation.h"

/* A union without payloads that spells what it means: the systems. */
str der_alternative(struct derivation *d, dh_val v)
{
	dh_val payload;

	return sym_str(der_case(d, v, &payload));
}

void der_set_text(struct derivation *d, const char *name, str text)
{
	if (text.n)
		der_set(d, name, der_text(d, text));
}

void der_set_some_text(struct derivation *d, const char *name)
{
	dh_val v;

	if (der_some_in(d, d->value, name, &v))
		der_set(d, name, der_text(d, der_read_text(d, v)));
}

void der_set_texts(struct derivation *d, const char *name, dh_val list)
{
	size_t n;
	const str *texts = der_texts(d, list, &n);

	if (n)
		der_set(d, name, der_list_of_texts(d, texts, n));
}

/* [ "out" ] is what there is when nothing is said. */
void der_set_outputs(struct derivation *d, const str *outputs, size_t n)
{
	if (n != 1 || !str_eq(outputs[0], S("out")))
		der_set(d, "outputs", der_list_of_texts(d, outputs, n));
}

void der_set_env(struct derivation *d, bool late)
{
	dh_val list = der_get(d, d->value, "env"), item;
	size_t n = 0;

	(void)!dh_list(d->dhall, list, &n);
	for (size_t i = 0; i < n; i++)
		if (dh_item(d->dhall, list, i, &item))
			der_set_own(d, "env", der_text_in(d, item, "name"), der_text(d, der_text_in(d, item, "value")), late);
}

void der_set_false(struct derivation *d, const char *name)
{
	if (!der_bool_in(d, d->value, name))
		der_set(d, name, S("false"));
}
