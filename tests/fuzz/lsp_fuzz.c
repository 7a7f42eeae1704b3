#include "lsp.h"

#include "fuzz.h"

/* The first byte chooses what the rest is: bytes for the server as they are; or a Dhall text, which is opened and
 * asked about at every place.  Whatever comes, what goes out is whole messages, and every request of ours has one
 * answer without an error that the document is not to blame for. */

struct input {
	const uint8_t *bytes;
	size_t n;
};

static void settle(struct lsp *l)
{
	while (lsp_step(l) || lsp_idle(l))
		;
}

/* How many messages went out; all of them are JSON. */
static size_t sent(struct lsp *l)
{
	struct lsp_frames f = {0};
	struct arena mem = {0};
	struct diags ds = {0};
	enum frame_found found;
	const char *what;
	size_t n = 0;
	str body;

	lsp_frames_add(&f, buf_view(&l->out));
	while ((found = lsp_frames_next(&f, &body, &what)) != FRAME_NONE) {
		must(found == FRAME_BODY && data_read_json(&mem, 0, body, &ds));
		n++;
	}
	must(f.at == f.in.n);
	l->out.n = 0;
	lsp_frames_free(&f);
	arena_clear(&mem);
	return n;
}

static void say(struct lsp *l, struct buf *b)
{
	struct buf framed = {0};

	frame_write(&framed, buf_view(b));
	lsp_input(l, buf_view(&framed));
	buf_free(&framed);
	b->n = 0;
}

static const char initialize[] = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"capabilities\":{"
				 "\"general\":{\"positionEncodings\":[\"utf-8\"]}}}}";

static void open_text(struct lsp *l, str text)
{
	struct buf b = {0};

	buf_lit(&b, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"file:///f\","
		    "\"version\":1,\"text\":");
	json_quote(&b, text);
	buf_lit(&b, "}}}");
	say(l, &b);
	buf_free(&b);
}

static void ask_at(struct lsp *l, struct position p)
{
	static const char *const methods[] = {"hover", "definition", "completion", "references", "rename", "prepareRename",
		"documentSymbol", "documentLink", "documentHighlight"};
	struct buf b = {0};

	for (size_t i = 0; i < SL_COUNT(methods); i++) {
		buf_fmt(&b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/%s\",\"params\":{\"textDocument\":{\"uri\":"
			    "\"file:///f\"},\"newName\":\"y\",\"position\":{\"line\":%u,\"character\":%u}}}",
				methods[i], p.line, p.character);
		say(l, &b);
	}
	settle(l);
	must(sent(l) == SL_COUNT(methods));
	buf_free(&b);
}

#define PLACES_MAX 8

static void ask_about(struct lsp *l, str text)
{
	struct buf hello = {0};
	size_t stride = text.n / PLACES_MAX + 1;

	buf_str(&hello, str_c(initialize));
	say(l, &hello);
	buf_free(&hello);
	open_text(l, text);
	settle(l);
	must(sent(l) == 2);
	for (size_t at = 0; at <= text.n; at += stride)
		ask_at(l, position_of(text, true, (uint32_t)at));
}

static void run(void *ud)
{
	const struct input *in = ud;
	struct dhall_env env = {.limits = {.bytes = 8 << 20, .depth = 400, .steps = 20000}, .directory = {"/", 1}};
	struct lsp l;

	lsp_open(&l, &env, NULL);
	if (in->n && in->bytes[0] == 't') {
		ask_about(&l, str_of((const char *)in->bytes + 1, in->n - 1));
	} else {
		for (size_t i = 0; i < in->n; i += 100) /* in pieces */
			lsp_input(&l, str_of((const char *)in->bytes + i, in->n - i < 100 ? in->n - i : 100));
		settle(&l);
		sent(&l);
	}
	lsp_close(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input in = {bytes, n};

	run(&in);
	return 0;
}
