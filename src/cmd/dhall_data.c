/* The dhall commands that convert: CBOR, JSON, YAML. */
#include "dhall_work.h"

#include <straylight/data.h>

struct args {
	bool preserve_null, omit_empty, no_maps, approximate, compact, quoted, documents;
	bool loose, no_key_values, omissible_lists;
	int unions; /* enum data_unions */
	str key, value;
};

static const struct args *args_of(const struct dhall_work *w)
{
	return w->call->options;
}

/* ---- CBOR ---- */

static bool do_encode(struct dhall_work *w)
{
	struct call *c = w->call;
	struct buf cbor = {0};
	const struct data *d = NULL;

	if (!c->common.json) {
		dhall_encode(dhall_written(w->parsed), &c->out);
		return true;
	}
	dhall_encode(dhall_written(w->parsed), &cbor);
	d = data_of_cbor(&c->arena, buf_view(&cbor), &c->diags);
	buf_free(&cbor);
	if (!d)
		return false;
	data_json(d, args_of(w)->compact ? 0 : 2, &c->out);
	buf_c(&c->out, '\n');
	return true;
}

static bool do_decode(struct dhall_work *w)
{
	struct call *c = w->call;
	struct buf cbor = {0};
	const struct dh_term *t;
	const struct data *d;
	bool ok = true;

	if (c->common.json) {
		d = data_read_json(&c->arena, source_add(w->name, w->text), w->text, &c->diags);
		ok = d && data_cbor(d, &c->diags, &cbor);
	}
	t = ok ? dhall_decode(w->session, c->common.json ? buf_view(&cbor) : w->text, w->name) : NULL;
	buf_free(&cbor);
	if (!t)
		return false;
	dhall_print(t, &c->out);
	buf_c(&c->out, '\n');
	return true;
}

/* ---- JSON and YAML out ---- */

static const struct data *data_from(struct dhall_work *w, enum data_special special)
{
	const struct args *a = args_of(w);
	struct data_rules rules = {a->preserve_null, a->omit_empty, a->no_maps, a->key, a->value, special};

	return data_of(w->session, dhall_eval(w->session, w->typed), &rules);
}

static bool do_to_json(struct dhall_work *w)
{
	struct buf *out = &w->call->out;
	const struct data *d = data_from(w, args_of(w)->approximate ? DATA_SPECIAL_APPROXIMATE : DATA_SPECIAL_REFUSE);

	if (!d)
		return false;
	data_json(d, args_of(w)->compact ? 0 : 2, out);
	buf_c(out, '\n');
	return true;
}

static bool do_to_yaml(struct dhall_work *w)
{
	const struct args *a = args_of(w);
	struct buf *out = &w->call->out;
	const struct data *d = data_from(w, DATA_SPECIAL_KEEP);

	if (!d)
		return false;
	if (!a->documents || d->kind != DATA_LIST) {
		data_yaml(d, a->quoted, out);
		return true;
	}
	for (size_t i = 0; i < d->n; i++) {
		buf_lit(out, "---\n");
		data_yaml(d->items[i], a->quoted, out);
	}
	return true;
}

/* ---- JSON and YAML in ---- */

static bool schema_of(struct dhall_work *w, dh_val *out)
{
	struct call *c = w->call;
	struct diag *d;

	w->parsed = dhall_parse(w->session, c->arguments.args[0], S("(schema)"), str_c(call_dir(c)));
	w->resolved = w->parsed ? dhall_resolve(w->session, w->parsed) : NULL;
	w->typed = w->resolved ? dhall_check(w->session, w->resolved) : NULL;
	if (!w->typed)
		return false;
	*out = dhall_eval(w->session, w->typed);
	if (!out->v)
		return false;
	if (dh_kind(w->session, *out) == DH_TYPE)
		return true;
	d = diag_error(&c->diags, DIAG_DATA_SCHEMA, dhall_span(w->typed), "the schema is no type");
	diag_hint(&c->diags, d, "a schema is the type of what is read: '{ name : Text, size : Natural }'");
	return false;
}

static bool term_from(struct dhall_work *w, bool yaml)
{
	struct call *c = w->call;
	const struct args *a = args_of(w);
	struct data_schema_rules rules = {a->loose, a->no_maps, a->no_key_values, a->omissible_lists, (enum data_unions)a->unions};
	uint32_t file = source_add(w->name, w->text);
	const struct dh_term *t;
	const struct data *d;
	dh_val schema;

	if (!schema_of(w, &schema))
		return false;
	d = (yaml ? data_read_yaml : data_read_json)(&c->arena, file, w->text, &c->diags);
	t = d ? data_term(w->session, d, schema, &rules, file) : NULL;
	if (!t)
		return false;
	dhall_print(t, &c->out);
	buf_c(&c->out, '\n');
	return true;
}

static bool do_json_to_dhall(struct dhall_work *w)
{
	return term_from(w, false);
}

static bool do_yaml_to_dhall(struct dhall_work *w)
{
	return term_from(w, true);
}

/* ---- rows ---- */

DHALL_RUN(encode, 0, DHALL_PARSED)
DHALL_RUN(decode, 0, DHALL_READ)
DHALL_RUN(to_json, 0, DHALL_CHECKED)
DHALL_RUN(to_yaml, 0, DHALL_CHECKED)
DHALL_RUN(json_to_dhall, 1, DHALL_READ)
DHALL_RUN(yaml_to_dhall, 1, DHALL_READ)

#define OUT_OPTIONS                                                                                        \
	FLAG(struct args, preserve_null, 0, "preserve-null", "keep fields that are null"),                 \
	FLAG(struct args, omit_empty, 0, "omit-empty", "drop fields that are empty lists or records too"), \
	FLAG(struct args, no_maps, 0, "no-maps", "write lists of key-value records as lists"),             \
	TEXT(struct args, key, 0, "key", "NAME", "the key's field in such records (default: mapKey)"),     \
	TEXT(struct args, value, 0, "value", "NAME", "the value's field in such records (default: mapValue)")

static const struct option encode_options[] = {
	FLAG(struct args, compact, 0, "compact", "with --json: on one line"),
};

static const struct option json_options[] = {
	OUT_OPTIONS,
	FLAG(struct args, compact, 0, "compact", "write everything on one line"),
	FLAG(struct args, approximate, 0, "approximate-special-doubles", "write NaN as null, infinities as the largest numbers"),
};

static const struct option yaml_options[] = {
	OUT_OPTIONS,
	FLAG(struct args, documents, 0, "documents", "write each item of a list as a document"),
	FLAG(struct args, quoted, 0, "quoted", "write every text in quotes"),
};

static const struct option in_options[] = {
	FLAG(struct args, loose, 0, "records-loose", "drop fields that the schema does not have"),
	CHOICE(struct args, unions, 0, "unions", "first|strict|none", "which alternative: the first that fits, or the only one"),
	FLAG(struct args, omissible_lists, 0, "omissible-lists", "a list that is missing is empty"),
	FLAG(struct args, no_maps, 0, "no-keyval-maps", "objects do not become lists of key-value records"),
	FLAG(struct args, no_key_values, 0, "no-keyval-arrays", "lists of { key, value } do not become records or maps"),
};

const struct command cmd_dhall_encode = {
	.name = "dhall encode",
	.usage = "[FILE | -]",
	.summary = "write a Dhall expression as CBOR",
	.about = "Writes what was parsed, its imports kept, in the standard's binary form; with --json the same as JSON. "
		 DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(encode_options, struct args),
	.run = run_encode,
};

const struct command cmd_dhall_decode = {
	.name = "dhall decode",
	.usage = "[FILE | -]",
	.summary = "print a Dhall expression that is written as CBOR",
	.about = "Reads what 'dhall encode' writes, or a file of the integrity cache; with --json the JSON form. FILE is a file "
		 "or - for standard input, which is also what no FILE means.",
	.section = SECTION_LANGUAGE,
	.max = 1,
	.size = sizeof(struct args),
	.run = run_decode,
};

const struct command cmd_dhall_to_json = {
	.name = "dhall to-json",
	.usage = "[FILE | -]",
	.summary = "write the value of a Dhall expression as JSON",
	.about = "Records become objects, lists of { mapKey, mapValue } too, alternatives what they hold or their name, None "
		 "null; fields that are null are left out. Values of the Prelude's JSON.Type become what they say. "
		 DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(json_options, struct args),
	.run = run_to_json,
};

const struct command cmd_dhall_to_yaml = {
	.name = "dhall to-yaml",
	.usage = "[FILE | -]",
	.summary = "write the value of a Dhall expression as YAML",
	.about = "As 'dhall to-json' does, in YAML. Texts that a YAML reader could take for something else stand in quotes. "
		 DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(yaml_options, struct args),
	.run = run_to_yaml,
};

const struct command cmd_dhall_json_to_dhall = {
	.name = "dhall json-to-dhall",
	.usage = "SCHEMA [FILE | -]",
	.summary = "read JSON as a Dhall expression of a type",
	.about = "SCHEMA is the type, a Dhall expression: ./schema.dhall, or '{ name : Text }'. A field that is missing is None "
		 "where the schema says Optional. FILE is a file or - for standard input, which is also what no FILE means.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = 2,
	COMMAND_OPTIONS(in_options, struct args),
	.run = run_json_to_dhall,
};

const struct command cmd_dhall_yaml_to_dhall = {
	.name = "dhall yaml-to-dhall",
	.usage = "SCHEMA [FILE | -]",
	.summary = "read YAML as a Dhall expression of a type",
	.about = "As 'dhall json-to-dhall', from one YAML document. Dates and words like no and on are texts.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = 2,
	COMMAND_OPTIONS(in_options, struct args),
	.run = run_yaml_to_dhall,
};
