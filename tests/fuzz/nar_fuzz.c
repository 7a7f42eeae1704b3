#include "nar_int.h"

#include "fuzz.h"

/* Writes what it is told of again. */
struct echo {
	struct nar_visitor v;
	struct nar_out out;
	unsigned depth;
	uint64_t size;
};

static void name(struct echo *e, str s)
{
	must((s.n == 0) == (e->depth == 0));
	if (e->depth) {
		must(tree_name_ok(s));
		nar_out_entry(&e->out, s);
	}
}

static void end(struct echo *e)
{
	if (e->depth)
		nar_out_close(&e->out);
}

static bool enter(struct nar_visitor *v, str s)
{
	struct echo *e = (struct echo *)v;

	name(e, s);
	nar_out_dir(&e->out);
	must(e->depth++ < NAR_DEPTH_MAX);
	return true;
}

static bool leave(struct nar_visitor *v)
{
	struct echo *e = (struct echo *)v;

	e->depth--;
	nar_out_close(&e->out);
	end(e);
	return true;
}

static bool file(struct nar_visitor *v, str s, bool executable, uint64_t size)
{
	struct echo *e = (struct echo *)v;

	name(e, s);
	nar_out_file(&e->out, executable, e->size = size);
	return true;
}

static bool data(struct nar_visitor *v, str s)
{
	must(s.n > 0);
	nar_out_bytes(&((struct echo *)v)->out, s);
	return true;
}

static bool done(struct nar_visitor *v)
{
	struct echo *e = (struct echo *)v;

	nar_out_pad(&e->out, e->size);
	nar_out_close(&e->out);
	end(e);
	return true;
}

static bool make_link(struct nar_visitor *v, str s, str target)
{
	struct echo *e = (struct echo *)v;

	name(e, s);
	must(target.n > 0 && str_find(target, '\0') == target.n);
	nar_out_link(&e->out, target);
	end(e);
	return true;
}

static bool collect(void *ud, str bytes)
{
	buf_str(ud, bytes);
	return true;
}

/* Reads in parts; *again is what the events say was read. */
static bool read_nar(str in, size_t part, struct buf *again)
{
	struct echo e = {.v = {enter, leave, file, data, done, make_link}};
	struct diags diags = {0};
	struct nar_reader *r = nar_reader_new(&e.v, S("x"), &diags);
	bool ok;

	nar_out_begin(&e.out, collect, again);
	nar_out_magic(&e.out);
	for (; in.n; in = str_from(in, part))
		nar_reader_feed(r, str_upto(in, part));
	ok = nar_reader_end(r);
	must(nar_out_end(&e.out));
	must(ok == (diags.errors == 0));
	diags_free(&diags);
	return ok;
}

/* What is accepted is what would be written again, and does not depend on the parts. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes, n);
	struct buf whole = {0}, parts = {0};
	bool ok = read_nar(in, n ? n : 1, &whole);

	must(read_nar(in, 1 + n % 13, &parts) == ok);
	must(str_eq(buf_view(&whole), buf_view(&parts)));
	must(!ok || str_eq(buf_view(&whole), in));
	buf_free(&whole);
	buf_free(&parts);
	return 0;
}
