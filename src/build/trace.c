#include <straylight/trace.h>

#include <straylight/base/cbor.h>

#define MAGIC "straylight-trace"
#define VERSION 1
#define TAG_SELF_DESCRIBED 55799 /* RFC 8949, section 3.4.6 */
#define PROCESS_MEMBERS 9

void trace_free(struct trace *t)
{
	vec_free(&t->processes);
	arena_clear(&t->arena);
	*t = (struct trace){0};
}

/* ---- writing ---- */

static void write_texts(struct buf *out, const str *texts, uint32_t n)
{
	cbor_array(out, n);
	for (uint32_t i = 0; i < n; i++)
		cbor_text(out, texts[i]);
}

static void write_process(struct buf *out, const struct trace_process *p)
{
	cbor_array(out, PROCESS_MEMBERS);
	cbor_uint(out, p->parent);
	cbor_text(out, p->program);
	cbor_text(out, p->dir);
	write_texts(out, p->words, p->nwords);
	cbor_array(out, p->nresponses);
	for (uint32_t i = 0; i < p->nresponses; i++)
		write_texts(out, (const str[]){p->responses[i].name, p->responses[i].content}, 2);
	write_texts(out, p->variables, p->nvariables);
	if (p->status == TRACE_RUNNING)
		cbor_null(out);
	else
		cbor_uint(out, (uint64_t)p->status);
	cbor_uint(out, p->start);
	cbor_uint(out, p->end);
}

void trace_write(const struct trace *t, struct buf *out)
{
	cbor_tag(out, TAG_SELF_DESCRIBED);
	cbor_map(out, 4);
	cbor_text(out, S(MAGIC));
	cbor_uint(out, VERSION);
	cbor_text(out, S("dir"));
	cbor_text(out, t->dir);
	cbor_text(out, S("began"));
	cbor_uint(out, t->began);
	cbor_text(out, S("processes"));
	cbor_array(out, t->processes.n);
	for (size_t i = 0; i < t->processes.n; i++)
		write_process(out, &t->processes.p[i]);
}

/* ---- reading ---- */

static str read_text(struct cbor *in, struct arena *a)
{
	return str_dup(a, cbor_get_text(in));
}

static const str *read_texts(struct cbor *in, struct arena *a, uint32_t *n)
{
	uint64_t count = cbor_get_array(in);
	str *texts;

	*n = 0;
	if (in->bad || count > UINT32_MAX)
		return NULL;
	texts = arena_array(a, str, count);
	for (; *n < count && !in->bad; (*n)++)
		texts[*n] = read_text(in, a);
	return texts;
}

static void read_responses(struct cbor *in, struct arena *a, struct trace_process *p)
{
	uint64_t count = cbor_get_array(in);
	struct trace_response *all;

	if (in->bad || count > UINT32_MAX)
		return;
	all = arena_array(a, struct trace_response, count);
	for (uint64_t i = 0; i < count && !in->bad; i++) {
		if (cbor_get_array(in) != 2)
			in->bad = in->bad ? in->bad : CBOR_TYPE;
		all[i].name = read_text(in, a);
		all[i].content = read_text(in, a);
	}
	p->responses = all;
	p->nresponses = (uint32_t)count;
}

static int32_t read_status(struct cbor *in)
{
	struct cbor_item item;
	uint64_t status;

	if (cbor_peek(in, &item) && item.major == CBOR_SIMPLE) {
		cbor_skip(in);
		return TRACE_RUNNING;
	}
	status = cbor_get_uint(in);
	if (status > 255)
		in->bad = in->bad ? in->bad : CBOR_RANGE;
	return in->bad ? TRACE_RUNNING : (int32_t)status;
}

static struct trace_process read_process(struct cbor *in, struct arena *a, size_t index)
{
	struct trace_process p = {0};
	uint64_t parent;

	if (cbor_get_array(in) != PROCESS_MEMBERS)
		in->bad = in->bad ? in->bad : CBOR_TYPE;
	parent = cbor_get_uint(in);
	if (parent > index)
		in->bad = in->bad ? in->bad : CBOR_RANGE;
	p.parent = in->bad ? 0 : (uint32_t)parent;
	p.program = read_text(in, a);
	p.dir = read_text(in, a);
	p.words = read_texts(in, a, &p.nwords);
	read_responses(in, a, &p);
	p.variables = read_texts(in, a, &p.nvariables);
	p.status = read_status(in);
	p.start = cbor_get_uint(in);
	p.end = cbor_get_uint(in);
	return p;
}

static bool read_name(struct cbor *in, str name)
{
	return str_eq(cbor_get_text(in), name) && !in->bad;
}

static bool read_head(struct cbor *in)
{
	struct cbor_item tag;

	return cbor_next(in, &tag) && tag.major == CBOR_TAG && tag.n == TAG_SELF_DESCRIBED && cbor_get_map(in) == 4 &&
	       read_name(in, S(MAGIC)) && cbor_get_uint(in) == VERSION && !in->bad;
}

static bool read_body(struct cbor *in, struct trace *t)
{
	uint64_t count;

	if (!read_name(in, S("dir")))
		return false;
	t->dir = read_text(in, &t->arena);
	if (!read_name(in, S("began")))
		return false;
	t->began = cbor_get_uint(in);
	if (!read_name(in, S("processes")))
		return false;
	count = cbor_get_array(in);
	for (uint64_t i = 0; i < count && !in->bad; i++)
		vec_push(&t->processes, read_process(in, &t->arena, i));
	return !in->bad && in->at == in->in.n;
}

bool trace_read(str bytes, str name, struct trace *t, struct diags *d)
{
	struct cbor in = cbor_over(bytes);

	if (!read_head(&in)) {
		diag_hint(d, diag_error(d, DIAG_TRACE_FILE, NO_SPAN, "'%.*s' is no trace of this version", STR_ARG(name)),
				"'straylight trace --save=FILE -- COMMAND' writes one");
		return false;
	}
	if (read_body(&in, t))
		return true;
	diag_error(d, DIAG_TRACE_FILE, NO_SPAN, "the trace '%.*s' is damaged at byte %zu", STR_ARG(name), in.at);
	return false;
}
