#include "ui.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

/* A terminal that understands just what the frame uses; anything else fails the test. */
#define ROWS 30
#define COLUMNS_MAX 100

struct screen {
	unsigned columns, row, column;
	char cell[ROWS][COLUMNS_MAX + 1];
};

static void clear_from(struct screen *s, unsigned row, unsigned column)
{
	memset(s->cell[row] + column, ' ', COLUMNS_MAX - column);
}

static void screen_init(struct screen *s, unsigned columns)
{
	*s = (struct screen){.columns = columns};
	for (unsigned i = 0; i < ROWS; i++)
		clear_from(s, i, 0);
}

static size_t escape(struct screen *s, str t)
{
	unsigned n = 0;
	size_t i = 2;

	assert_true(t.n >= 3 && t.p[1] == '[');
	for (; (t.p[i] >= '0' && t.p[i] <= '9') || t.p[i] == ';'; i++)
		n = t.p[i] == ';' ? 0 : n * 10 + (unsigned)(t.p[i] - '0');
	switch (t.p[i]) {
	case 'A':
		assert_true(n <= s->row);
		s->row -= n;
		break;
	case 'J':
		clear_from(s, s->row, s->column);
		for (unsigned r = s->row + 1; r < ROWS; r++)
			clear_from(s, r, 0);
		break;
	case 'K': clear_from(s, s->row, s->column); break;
	case 'm': break;
	default: fail_msg("unknown sequence ESC [ %c", t.p[i]);
	}
	return i + 1;
}

static void put(struct screen *s, char c)
{
	if (s->column == s->columns) {
		s->column = 0;
		s->row++;
	}
	assert_true(s->row < ROWS);
	s->cell[s->row][s->column++] = c;
}

static void show(struct screen *s, struct ui *u)
{
	str t = buf_view(&u->out);

	for (size_t i = 0; i < t.n;) {
		char c = t.p[i];

		if (c == '\033') {
			i += escape(s, str_from(t, i));
			continue;
		}
		if (c == '\r' || c == '\n')
			s->column = 0;
		if (c == '\n')
			s->row++;
		if ((unsigned char)c >= 0xc0)
			put(s, '~'); /* one character of several bytes */
		else if ((unsigned char)c >= 0x20 && (unsigned char)c < 0x80)
			put(s, c);
		i++;
	}
	u->out.n = 0;
}

static const char *line(struct screen *s, unsigned row)
{
	static char text[COLUMNS_MAX + 1];
	size_t n = COLUMNS_MAX;

	memcpy(text, s->cell[row], COLUMNS_MAX);
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}

static struct build_action action(const char *label, const char *name, enum build_served served)
{
	return (struct build_action){
		.label = intern_c(label),
		.name = str_c(name),
		.served = served,
		.wall_ns = 1500000000,
	};
}

static void begin(struct ui *u, bool terminal)
{
	ui_init(u, &(struct ui_options){.terminal = terminal}, 0);
}

static void test_frame(void **state)
{
	struct build_action a = action("//lib:util", "compile a.c", SERVED_RUN);
	struct build_action b = action("//lib:util", "compile b.c", SERVED_RUN);
	struct screen s;
	struct ui u;

	(void)state;
	screen_init(&s, 60);
	begin(&u, true);
	ui_phase(&u, S("loading //lib"));
	ui_tick(&u, SECOND / 2, 60, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "[0/0] 0.50 s, loading //lib");

	a.known = b.known = 7;
	ui_started(&u, &a, SECOND);
	ui_started(&u, &b, 2 * SECOND);
	assert_int_equal(u.out.n, 0);
	ui_tick(&u, 4 * SECOND, 60, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "[0/7] 4.00 s");
	assert_string_equal(line(&s, 1), "    3 s  //lib:util compile a.c");
	assert_string_equal(line(&s, 2), "    2 s  //lib:util compile b.c");

	ui_finished(&u, &a, 5 * SECOND);
	ui_tick(&u, 5 * SECOND, 60, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "[1/7] 5.00 s");
	assert_string_equal(line(&s, 1), "    3 s  //lib:util compile b.c");
	assert_string_equal(line(&s, 2), "");

	ui_text(&u, S("a message"), 5 * SECOND);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "a message");
	assert_string_equal(line(&s, 1), "");
	ui_tick(&u, 6 * SECOND, 60, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "a message");
	assert_string_equal(line(&s, 1), "[1/7] 6.00 s");
	assert_string_equal(line(&s, 2), "    4 s  //lib:util compile b.c");

	ui_end(&u);
	show(&s, &u);
	assert_string_equal(line(&s, 1), "");
	assert_string_equal(line(&s, 2), "");
	assert_int_equal(s.row, 1);
	assert_int_equal(s.column, 0);
	ui_free(&u);
}

static void test_narrow(void **state)
{
	struct build_action a = action("//some/long/package:target", "compile größer/and/longer.c", SERVED_RUN);
	struct screen s;
	struct ui u;

	(void)state;
	screen_init(&s, 20);
	begin(&u, true);
	ui_started(&u, &a, 0);
	ui_tick(&u, SECOND, 20, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 1), "    1 s  //some/lo~");
	assert_string_equal(line(&s, 2), "");
	ui_tick(&u, SECOND, 5, 24);
	assert_int_equal(u.drawn.n, 0);
	u.out.n = 0;
	screen_init(&s, 80);
	ui_tick(&u, SECOND, 80, 2);
	show(&s, &u);
	assert_int_equal(u.drawn.n, 1);
	ui_free(&u);
}

/* The screen was 40 wide and is now 10: what was one row is four. */
static void test_resized(void **state)
{
	struct build_action a = action("//lib:util", "compile something.c", SERVED_RUN);
	struct screen s;
	struct ui u;

	(void)state;
	begin(&u, true);
	ui_started(&u, &a, 0);
	ui_tick(&u, SECOND, 40, 24);
	assert_int_equal(u.drawn.n, 2);
	u.out.n = 0;

	screen_init(&s, 10);
	for (unsigned r = 0; r < 6; r++)
		memset(s.cell[r], 'x', 10);
	s.row = 5; /* 2 rows of counts, 4 of the action: the cursor is in the last one */
	s.column = 8;
	ui_tick(&u, SECOND, 10, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "[0/0] 1.~");
	for (unsigned r = 2; r < 6; r++)
		assert_string_equal(line(&s, r), "");
	ui_free(&u);
}

static void test_many(void **state)
{
	struct screen s;
	struct ui u;

	(void)state;
	screen_init(&s, 60);
	begin(&u, true);
	for (int i = 0; i < 20; i++) {
		char name[32];
		struct build_action a;

		snprintf(name, sizeof name, "step %d", i);
		a = action("//a:b", name, SERVED_RUN);
		ui_started(&u, &a, i * SECOND);
	}
	ui_tick(&u, 20 * SECOND, 60, 6);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "[0/0] 20.0 s, 20 running");
	assert_string_equal(line(&s, 4), "   17 s  //a:b step 3");
	assert_string_equal(line(&s, 5), "");
	ui_free(&u);
}

static void test_plain(void **state)
{
	struct build_action a = action("//lib:util", "compile a.c", SERVED_RUN);
	struct ui u;

	(void)state;
	begin(&u, false);
	a.known = 3;
	ui_started(&u, &a, 0);
	ui_tick(&u, SECOND, 80, 24);
	assert_int_equal(u.out.n, 0);
	a.err = S("a.c:1: warning: x\n\033[31mred\a");
	ui_finished(&u, &a, SECOND);
	assert_str_c(buf_view(&u.out), "[1/3] //lib:util compile a.c (1.50 s)\n"
				       "a.c:1: warning: x\n\033[31mred\a\n");
	u.out.n = 0;
	a.served = SERVED_CACHE;
	ui_finished(&u, &a, SECOND);
	a.served = SERVED_NARROW;
	ui_finished(&u, &a, SECOND);
	assert_int_equal(u.out.n, 0);
	a = action("//lib:util", "link x", SERVED_FAILED);
	a.err = S("its diagnostic has this");
	ui_finished(&u, &a, SECOND);
	assert_str_c(buf_view(&u.out), "[4/4] failed: //lib:util link x (1.50 s)\n");
	ui_free(&u);
}

static void test_sign_of_life(void **state)
{
	struct build_action a = action("//lib:util", "compile a.c", SERVED_RUN), b = action("//x:y", "run", SERVED_RUN);
	struct ui u;

	(void)state;
	begin(&u, false);
	ui_tick(&u, 100 * SECOND, 80, 24);
	assert_int_equal(u.out.n, 0);
	ui_phase(&u, S("loading //lib"));
	ui_tick(&u, 100 * SECOND, 80, 24);
	assert_str_c(buf_view(&u.out), "[0/0] still loading //lib\n");
	u.out.n = 0;
	ui_started(&u, &a, 101 * SECOND);
	ui_started(&u, &b, 102 * SECOND);
	ui_tick(&u, 129 * SECOND, 80, 24);
	assert_int_equal(u.out.n, 0);
	ui_tick(&u, 131 * SECOND, 80, 24);
	assert_str_c(buf_view(&u.out), "[0/0] still running: //lib:util compile a.c (30.0 s) and 1 more\n");
	u.out.n = 0;
	ui_tick(&u, 132 * SECOND, 80, 24);
	assert_int_equal(u.out.n, 0);
	ui_free(&u);
}

static void test_quiet_and_verbose(void **state)
{
	static const str argv[] = {{"cc", 2}, {"it's", 4}, {"", 0}};
	static const str reasons[] = {{"a.c changed", 11}};
	struct build_action a = action("//lib:util", "compile a.c", SERVED_RUN);
	struct ui u;

	(void)state;
	ui_init(&u, &(struct ui_options){.quiet = true}, 0);
	a.err = S("warning");
	ui_started(&u, &a, 0);
	ui_finished(&u, &a, SECOND);
	ui_tick(&u, 100 * SECOND, 80, 24);
	assert_int_equal(u.out.n, 0);
	ui_text(&u, S("an error"), SECOND);
	assert_str_c(buf_view(&u.out), "an error\n");
	ui_free(&u);

	ui_init(&u, &(struct ui_options){.verbose = true, .explain = true}, 0);
	a = action("//lib:util", "compile a.c", SERVED_CACHE);
	a.argv = argv;
	a.argc = 3;
	a.reasons = reasons;
	a.nreasons = 1;
	ui_finished(&u, &a, SECOND);
	assert_str_c(buf_view(&u.out), "[1/1] //lib:util compile a.c (cached)\n"
				       "    $ cc 'it'\\''s' ''\n"
				       "    because a.c changed\n");
	ui_free(&u);
}

/* What a command prints cannot move the cursor. */
static void test_tame(void **state)
{
	struct build_action a = action("//lib:util", "compile a.c", SERVED_RUN);
	struct screen s;
	struct ui u;

	(void)state;
	screen_init(&s, 60);
	begin(&u, true);
	ui_started(&u, &a, 0);
	ui_tick(&u, SECOND, 60, 24);
	a.out = S("one\rtwo\033[2J\033[1;31mred\033[0m\b\x1b]0;t\a");
	ui_finished(&u, &a, SECOND);
	show(&s, &u);
	assert_string_equal(line(&s, 0), "[1/1] //lib:util compile a.c (1.50 s)");
	assert_string_equal(line(&s, 1), "onetwo[2Jred]0;t");
	ui_free(&u);
}

static void test_time(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{-5, "0.00 s"}, {414000000, "0.41 s"}, {9990000000, "9.99 s"}, {12345000000, "12.3 s"},
		{125 * SECOND, "2 min 05 s"},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(cases); i++) {
		out.n = 0;
		ui_time(cases[i].ns, &out);
		assert_str_c(buf_view(&out), cases[i].text);
	}
	buf_free(&out);
}

/* At a server: the stage; after a silence, who should have news. */
static void test_stage(void **state)
{
	struct build_action a = action("//lib:util", "compile a.c", SERVED_REMOTE);
	struct build_away away = {.label = a.label, .name = a.name, .stage = "queued", .silent_ms = 9999};
	struct screen s;
	struct ui u;

	(void)state;
	screen_init(&s, 90);
	begin(&u, true);
	ui_started(&u, &a, 0);
	ui_stage(&u, &away);
	ui_tick(&u, SECOND, 90, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 1), "    1 s  //lib:util compile a.c: queued");
	away.stage = "running";
	away.worker = S("w7");
	away.silent_ms = 12345;
	ui_stage(&u, &away);
	ui_tick(&u, 13 * SECOND, 90, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 1), "   13 s  //lib:util compile a.c: running on w7, no news for 12 s");
	away.worker = (str){0};
	ui_stage(&u, &away);
	away.name = S("compile b.c"); /* not among those that run */
	away.stage = "fetching";
	ui_stage(&u, &away);
	ui_tick(&u, 13 * SECOND, 90, 24);
	show(&s, &u);
	assert_string_equal(line(&s, 1), "   13 s  //lib:util compile a.c: running, no news for 12 s");
	ui_free(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_resized),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_sign_of_life),
		cmocka_unit_test(test_quiet_and_verbose),
		cmocka_unit_test(test_tame),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
