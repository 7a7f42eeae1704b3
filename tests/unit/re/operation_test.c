/* What an execution's stream carries, as servers write it, and what is none. */
#include "re_int.h"

#include "test.h"

static void any(struct buf *b, unsigned field, str value)
{
	size_t mark = wire_begin(b, field);

	wire_str(b, 1, S("type.googleapis.com/any"));
	wire_str(b, 2, value);
	wire_end(b, mark);
}

static void whole(struct buf *b)
{
	struct buf in = {0};
	size_t mark;

	wire_str(b, 1, S("operations/7"));
	wire_int(&in, 1, 3);
	mark = wire_begin(&in, 5);
	wire_str(&in, 1, S("worker-1"));
	wire_end(&in, mark);
	any(b, 2, buf_view(&in));
	wire_bool(b, 3, true);
	in.n = 0;
	wire_str(&in, 1, S("the result"));
	wire_bool(&in, 2, true);
	mark = wire_begin(&in, 3);
	wire_end(&in, mark);
	wire_str(&in, 5, S("for the user"));
	any(b, 5, buf_view(&in));
	buf_free(&in);
}

static void reads(void **state)
{
	struct operation_response r;
	struct operation_metadata m;
	struct operation o;
	struct buf b = {0};

	(void)state;
	whole(&b);
	assert_true(operation_read(buf_view(&b), &o));
	assert_str(o.name, S("operations/7"));
	assert_true(o.done && !o.has_error);
	assert_true(operation_read_metadata(o.metadata, &m));
	assert_true(m.has_stage);
	assert_int_equal(m.stage, 3);
	assert_str(m.worker, S("worker-1"));
	assert_true(operation_read_response(o.response, &r));
	assert_str(r.result, S("the result"));
	assert_str(r.message, S("for the user"));
	assert_true(r.cached && r.has_result && r.has_status && r.status.n == 0);
	/* An operation that failed. */
	b.n = 0;
	wire_str(&b, 1, S("operations/8"));
	wire_bool(&b, 3, true);
	wire_str(&b, 4, S("status"));
	assert_true(operation_read(buf_view(&b), &o));
	assert_true(o.has_error && o.done && o.response.n == 0);
	assert_str(o.error, S("status"));
	buf_free(&b);
}

/* Cut anywhere, and of other types than they should be: none, or less of it. */
static void refuses(void **state)
{
	struct operation_metadata m;
	struct operation o;
	struct buf b = {0};
	size_t length;

	(void)state;
	whole(&b);
	length = b.n;
	for (size_t n = 0; n < length; n++)
		if (operation_read(str_of(b.p, n), &o))
			assert_true(!o.response.n);
	b.n = 0;
	wire_int(&b, 1, 7);
	wire_str(&b, 3, S("yes"));
	wire_int(&b, 5, 1);
	assert_true(operation_read(buf_view(&b), &o));
	assert_true(!o.name.n && !o.done && !o.response.n);
	b.n = 0;
	length = wire_begin(&b, 5);
	wire_varint(&b, 1 << 3 | WIRE_BYTES);
	wire_varint(&b, 5000);
	for (int i = 0; i < 5000; i++)
		buf_c(&b, 'w');
	wire_end(&b, length);
	assert_true(operation_read_metadata(buf_view(&b), &m));
	assert_true(!m.has_stage && m.worker.n == 200);
	assert_false(operation_read_metadata(S("\x0a\xff"), &m));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses)};

	return cmocka_run_group_tests_name("operation", tests, NULL, NULL);
}
