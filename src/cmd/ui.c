#include "ui.h"

#include <stdio.h>

#define SECOND INT64_C(1000000000)
#define COLUMNS_MIN 8 /* narrower screens get no frame */

void ui_init(struct ui *u, const struct ui_options *options, int64_t now)
{
	*u = (struct ui){.options = *options, .began = now, .printed = now};
}

void ui_free(struct ui *u)
{
	for (size_t i = 0; i < u->running.n; i++)
		mem_free(u->running.p[i].name);
	vec_free(&u->running);
	vec_free(&u->drawn);
	buf_free(&u->phase);
	buf_free(&u->out);
}

void ui_time(int64_t ns, struct buf *out)
{
	int64_t s = ns / SECOND;

	if (ns < 0)
		ns = s = 0;
	if (s < 10)
		buf_fmt(out, "%.2f s", (double)ns / 1e9);
	else if (s < 60)
		buf_fmt(out, "%.1f s", (double)ns / 1e9);
	else
		buf_fmt(out, "%lld min %02lld s", (long long)(s / 60), (long long)(s % 60));
}

/* ---- text that a terminal cannot mistake for commands ---- */

/* The length of a colour sequence "ESC [ digits ; m" at `at`; 0 when there is none. */
static size_t color_sequence(str s, size_t at)
{
	size_t i = at + 2;

	if (s.n - at < 3 || s.p[at] != '\033' || s.p[at + 1] != '[')
		return 0;
	while (i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ';' || s.p[i] == ':'))
		i++;
	return i < s.n && s.p[i] == 'm' ? i + 1 - at : 0;
}

/* A command's output: colours, tabs and newlines stay, other control characters go. */
static void tame(str s, struct buf *out)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = color_sequence(s, i);
		unsigned char c = (unsigned char)s.p[i];

		if (n)
			buf_add(out, s.p + i, n);
		else if (c >= 0x20 ? c != 0x7f : c == '\n' || c == '\t')
			buf_c(out, s.p[i]);
		i += n ? n : 1;
	}
}

/* How many columns a terminal gives to a code point; never too few. */
static unsigned width_of(uint32_t cp)
{
	return cp < 0x1100 || (cp >= 0x2000 && cp < 0x2e80) ? 1 : 2;
}

/* s on one line of at most `columns`, cut with "…"; returns the columns used. */
static unsigned fit(str s, unsigned columns, struct buf *out)
{
	unsigned at = 0, n;
	size_t i = 0, room = out->n; /* where "…" can still go */
	unsigned room_at = 0;
	uint32_t cp;

	for (; i < s.n; i += n) {
		n = utf8_get(s, i, &cp);
		if (!n || cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			n = n ? n : 1;
			cp = '?';
		}
		if (at + 1 <= columns) {
			room = out->n;
			room_at = at;
		}
		if (at + width_of(cp) > columns) {
			out->n = room;
			if (columns) {
				utf8_put(out, 0x2026);
				room_at++;
			}
			return room_at;
		}
		utf8_put(out, cp);
		at += width_of(cp);
	}
	return at;
}

void ui_quote(str word, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
	bool quote = word.n == 0;

	for (size_t i = 0; i < word.n && !quote; i++)
		quote = !memchr(plain, word.p[i], sizeof plain - 1);
	if (!quote) {
		buf_str(out, word);
		return;
	}
	buf_c(out, '\'');
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\'')
			buf_lit(out, "'\\''");
		else
			buf_c(out, word.p[i]);
	}
	buf_c(out, '\'');
}

/* ---- the frame ---- */

/* To the first column of the frame's first line.  Lines that were drawn for a wider screen than this
 * one now take several rows. */
static void go_back(struct ui *u, unsigned columns)
{
	size_t rows = 0;

	for (size_t i = 0; i < u->drawn.n; i++) {
		unsigned w = u->drawn.p[i];

		rows += w ? (w + columns - 1) / columns : 1;
	}
	if (rows)
		buf_c(&u->out, '\r');
	if (rows > 1)
		buf_fmt(&u->out, "\033[%zuA", rows - 1);
}

static void erase(struct ui *u)
{
	if (!u->drawn.n)
		return;
	go_back(u, u->columns);
	buf_lit(&u->out, "\033[J");
	u->drawn.n = 0;
}

static void draw_line(struct ui *u, str text)
{
	if (u->drawn.n)
		buf_c(&u->out, '\n');
	vec_push(&u->drawn, fit(text, u->columns - 1, &u->out));
	buf_lit(&u->out, "\033[K");
}

static void counts(const struct ui *u, struct buf *out)
{
	buf_fmt(out, "[%zu/%zu] ", u->done, u->known > u->done ? u->known : u->done);
}

static void draw(struct ui *u, int64_t now, unsigned rows)
{
	struct buf line = {0};
	size_t shown = u->running.n < rows ? u->running.n : rows;

	go_back(u, u->columns);
	u->drawn.n = 0;
	counts(u, &line);
	ui_time(now - u->began, &line);
	if (shown < u->running.n || rows == 0)
		buf_fmt(&line, ", %zu running", u->running.n);
	else if (u->phase.n)
		buf_fmt(&line, ", %.*s", STR_ARG(buf_view(&u->phase)));
	draw_line(u, buf_view(&line));
	for (size_t i = 0; i < shown; i++) {
		const struct ui_running *r = &u->running.p[i];

		line.n = 0;
		buf_fmt(&line, "%5lld s  %.*s %s%s%s", (long long)((now - r->since) / SECOND),
				STR_ARG(sym_str(r->label)), r->name, *r->stage ? ": " : "", r->stage);
		draw_line(u, buf_view(&line));
	}
	buf_lit(&u->out, "\033[J");
	buf_free(&line);
}

/* ---- lines that stay ---- */

static void begin_text(struct ui *u, int64_t now)
{
	erase(u);
	u->printed = now;
}

static void end_line(struct ui *u, size_t start)
{
	if (u->out.n > start && u->out.p[u->out.n - 1] != '\n')
		buf_c(&u->out, '\n');
}

void ui_text(struct ui *u, str text, int64_t now)
{
	size_t start;

	if (!text.n)
		return;
	begin_text(u, now);
	start = u->out.n;
	if (u->options.terminal)
		tame(text, &u->out);
	else
		buf_str(&u->out, text);
	end_line(u, start);
}

static const char *served_word(enum build_served served)
{
	switch (served) {
	case SERVED_CACHE: return "cached";
	case SERVED_REMOTE_CACHE: return "cached remotely";
	case SERVED_NARROW: return "nothing it read changed";
	case SERVED_CORE: return "computed";
	default: return NULL;
	}
}

/* "[3/8] //lib:util compile a.c (0.41 s)" */
static void action_line(struct ui *u, const struct build_action *a)
{
	const char *word = served_word(a->served);

	counts(u, &u->out);
	if (a->served == SERVED_FAILED)
		buf_fmt(&u->out, "%sfailed:%s ", u->options.color ? "\033[1;31m" : "",
				u->options.color ? "\033[0m" : "");
	buf_fmt(&u->out, "%.*s %.*s (", STR_ARG(sym_str(a->label)), STR_ARG(a->name));
	if (word)
		buf_fmt(&u->out, "%s", word);
	else
		ui_time((int64_t)a->wall_ns, &u->out);
	buf_lit(&u->out, ")\n");
}

/* Is there anything about it that should stay on the screen? */
static bool is_told(const struct ui *u, const struct build_action *a)
{
	if (u->options.quiet || a->served == SERVED_WOULD)
		return false;
	if (u->options.verbose || (u->options.explain && a->nreasons))
		return true;
	if (a->served != SERVED_RUN && a->served != SERVED_REMOTE && a->served != SERVED_FAILED)
		return false;
	return !u->options.terminal || (a->served != SERVED_FAILED && !a->test && a->out.n + a->err.n);
}

/* "    $ cc -c 'a b.c'" */
static void command_line(struct ui *u, const struct build_action *a)
{
	struct buf line = {0};

	buf_lit(&line, "    $");
	for (size_t i = 0; i < a->argc; i++) {
		buf_c(&line, ' ');
		ui_quote(a->argv[i], &line);
	}
	buf_c(&line, '\n');
	tame(buf_view(&line), &u->out);
	buf_free(&line);
}

static void tell(struct ui *u, const struct build_action *a, int64_t now)
{
	begin_text(u, now);
	action_line(u, a);
	if (u->options.verbose && a->argc)
		command_line(u, a);
	for (size_t i = 0; u->options.explain && i < a->nreasons; i++)
		buf_fmt(&u->out, "    because %.*s\n", STR_ARG(a->reasons[i]));
	/* The diagnostic of what failed has the output; that of a test that passed is of no interest. */
	if (a->served == SERVED_FAILED || (a->test && !u->options.verbose))
		return;
	ui_text(u, a->out, now);
	ui_text(u, a->err, now);
}

/* ---- events ---- */

static void learn(struct ui *u, const struct build_action *a)
{
	if (a->known > u->known)
		u->known = a->known;
}

void ui_phase(struct ui *u, str what)
{
	u->phase.n = 0;
	buf_str(&u->phase, what);
}

void ui_started(struct ui *u, const struct build_action *a, int64_t now)
{
	struct ui_running r = {.label = a->label, .name = str_zdup(a->name), .since = now};

	learn(u, a);
	u->phase.n = 0;
	vec_push(&u->running, r);
}

#define NEWS_MS 10000 /* without any for so long, it is said, and who should have them */

void ui_stage(struct ui *u, const struct build_away *a)
{
	for (size_t i = 0; i < u->running.n; i++) {
		struct ui_running *r = &u->running.p[i];

		if (r->label != a->label || !str_eq(str_c(r->name), a->name))
			continue;
		if (a->silent_ms < NEWS_MS)
			snprintf(r->stage, sizeof r->stage, "%s", a->stage);
		else
			snprintf(r->stage, sizeof r->stage, "%s%s%.*s, no news for %llu s", a->stage, a->worker.n ? " on " : "",
					(int)(a->worker.n < 48 ? a->worker.n : 48), a->worker.n ? a->worker.p : "",
					(unsigned long long)(a->silent_ms / 1000));
		return;
	}
}

void ui_finished(struct ui *u, const struct build_action *a, int64_t now)
{
	for (size_t i = 0; i < u->running.n; i++) {
		struct ui_running *r = &u->running.p[i];

		if (r->label != a->label || !str_eq(str_c(r->name), a->name))
			continue;
		mem_free(r->name);
		memmove(r, r + 1, (u->running.n - i - 1) * sizeof *r);
		u->running.n--;
		break;
	}
	learn(u, a);
	u->done++;
	if (is_told(u, a))
		tell(u, a, now);
}

/* ---- as time goes by ---- */

static void sign_of_life(struct ui *u, int64_t now)
{
	const struct ui_running *r = u->running.n ? &u->running.p[0] : NULL;

	if (now - u->printed < UI_SILENCE_NS || (!r && !u->phase.n))
		return;
	begin_text(u, now);
	counts(u, &u->out);
	buf_lit(&u->out, "still ");
	if (r) {
		buf_fmt(&u->out, "running: %.*s %s (", STR_ARG(sym_str(r->label)), r->name);
		ui_time(now - r->since, &u->out);
		buf_c(&u->out, ')');
		if (u->running.n > 1)
			buf_fmt(&u->out, " and %zu more", u->running.n - 1);
	} else {
		buf_str(&u->out, buf_view(&u->phase));
	}
	buf_c(&u->out, '\n');
}

void ui_tick(struct ui *u, int64_t now, unsigned columns, unsigned rows)
{
	if (u->options.quiet)
		return;
	if (!u->options.terminal) {
		sign_of_life(u, now);
		return;
	}
	u->columns = columns ? columns : 80;
	if (u->columns < COLUMNS_MIN)
		erase(u);
	else
		draw(u, now, rows > 2 ? rows - 2 : 0);
}

void ui_end(struct ui *u)
{
	erase(u);
}
