/* Action and Command messages as others write them, and what is none. */
#include "re_int.h"

#include "test.h"

static struct digest digest(char c)
{
	return digest_of(DIGEST_SHA256, str_of(&c, 1));
}

static void pair(struct buf *b, unsigned field, const char *name, const char *value)
{
	size_t mark = wire_begin(b, field);

	wire_str(b, 1, str_c(name));
	wire_str(b, 2, str_c(value));
	wire_end(b, mark);
}

static void reads_actions(void **state)
{
	struct digest command = digest('c'), root = digest('r');
	struct re_described got;
	struct arena a = {0};
	struct buf b = {0};
	size_t mark;

	(void)state;
	wire_digest(&b, 1, &command);
	wire_digest(&b, 2, &root);
	mark = wire_begin(&b, 6);
	wire_int(&b, 1, 90);
	wire_end(&b, mark);
	wire_bool(&b, 7, true);
	wire_str(&b, 9, S("salt"));
	mark = wire_begin(&b, 10);
	pair(&b, 1, "OSFamily", "linux");
	wire_end(&b, mark);
	assert_true(re_action_read(buf_view(&b), &a, &got));
	assert_true(digest_eq(&got.command, &command) && digest_eq(&got.root, &root));
	assert_int_equal(90, got.timeout_s);
	assert_true(got.do_not_cache);
	assert_true(str_eq(got.salt, S("salt")));
	assert_int_equal(1, got.nplatform);
	assert_true(str_eq(got.platform[0], S("OSFamily=linux")));
	/* every part of it is none */
	for (size_t n = 0; n < b.n; n++)
		if (re_action_read(str_of(b.p, n), &a, &got))
			assert_true(n >= 2 * 70);
	buf_free(&b);
	arena_clear(&a);
}

static void reads_commands(void **state)
{
	struct re_command got;
	struct arena a = {0};
	struct buf b = {0};

	(void)state;
	wire_element(&b, 1, S("cc"));
	wire_element(&b, 1, S(""));
	pair(&b, 2, "PATH", "/usr/bin");
	pair(&b, 2, "EMPTY", "");
	wire_element(&b, 3, S("old/file"));
	wire_element(&b, 7, S("new"));
	wire_str(&b, 6, S("work"));
	assert_true(re_command_read(buf_view(&b), &a, &got));
	assert_int_equal(2, got.argc);
	assert_true(str_eq(got.argv[1], S("")));
	assert_int_equal(2, got.nenv);
	assert_true(str_eq(got.env[1], S("EMPTY=")));
	assert_int_equal(2, got.noutputs);
	assert_true(str_eq(got.outputs[0], S("old/file")) && str_eq(got.outputs[1], S("new")));
	assert_true(str_eq(got.directory, S("work")));
	assert_false(re_command_read(S(""), &a, &got));
	assert_false(re_command_read(S("\x08\x01"), &a, &got)); /* an argument that is a number */
	assert_false(re_command_read(S("\x0a\x05" "cc"), &a, &got));
	buf_free(&b);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads_actions), cmocka_unit_test(reads_commands)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
