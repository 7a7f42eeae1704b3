/* Messages: queued, cancelled, answered. */
#include "lsp.h"
#include "version.h"

#include <stdlib.h>

struct message {
	struct arena mem;
	const struct data *root, *id; /* id NULL: a notification */
	str method;
	struct message *next;
};

/* ---- sending ---- */

static void write_id(struct json *j, const struct data *id)
{
	if (id && id->kind == DATA_TEXT)
		json_str(j, id->text);
	else if (id && id->kind == DATA_NUMBER)
		json_int(j, json_number(id, 0));
	else
		json_null(j);
}

static struct json envelope(struct buf *b)
{
	struct json j = json_to(b);

	json_object(&j);
	json_key(&j, "jsonrpc");
	json_c(&j, "2.0");
	return j;
}

static void send(struct lsp *l, struct buf *b)
{
	frame_write(&l->out, buf_view(b));
	buf_free(b);
}

static void send_error(struct lsp *l, const struct data *id, int code, str text)
{
	struct buf b = {0};
	struct json j = envelope(&b);

	json_key(&j, "id");
	write_id(&j, id);
	json_key(&j, "error");
	json_object(&j);
	json_member_int(&j, "code", code);
	json_member_str(&j, "message", text);
	json_end(&j, '}');
	json_end(&j, '}');
	send(l, &b);
}

/* What is in body, as it is, behind the key. */
static void send_body(struct lsp *l, struct buf *b, struct json *j, const char *key)
{
	json_end(j, '}');
	b->n--;
	buf_fmt(b, ",\"%s\":", key);
	buf_str(b, buf_view(&l->body));
	buf_c(b, '}');
	l->body.n = 0;
	send(l, b);
}

static void send_result(struct lsp *l, const struct data *id)
{
	struct buf b = {0};
	struct json j = envelope(&b);

	json_key(&j, "id");
	write_id(&j, id);
	send_body(l, &b, &j, "result");
}

void lsp_notify(struct lsp *l, const char *method)
{
	struct buf b = {0};
	struct json j = envelope(&b);

	json_key(&j, "method");
	json_c(&j, method);
	send_body(l, &b, &j, "params");
}

void lsp_fail(struct lsp *l, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	l->failed = code;
	l->failure = str_vfmt(&l->mem, fmt, args);
	va_end(args);
}

/* ---- the beginning ---- */

static bool offers_utf8(const struct data *capabilities)
{
	const struct data *all = json_member(json_member(capabilities, "general"), "positionEncodings");

	for (size_t i = 0; all && all->kind == DATA_LIST && i < all->n; i++)
		if (str_eq(json_text(all->items[i]), S("utf-8")))
			return true;
	return false;
}

static void read_capabilities(struct lsp *l, const struct data *c)
{
	const struct data *document = json_member(c, "textDocument"), *workspace = json_member(c, "workspace");
	const struct data *properties = json_member(json_member(json_member(document, "codeAction"), "resolveSupport"),
			"properties");

	l->utf8 = offers_utf8(c);
	l->watches = json_true(json_member(json_member(workspace, "didChangeWatchedFiles"), "dynamicRegistration"));
	for (size_t i = 0; properties && properties->kind == DATA_LIST && i < properties->n; i++)
		l->resolves |= str_eq(json_text(properties->items[i]), S("edit"));
}

static const char capabilities[] =
	"\"textDocumentSync\":{\"openClose\":true,\"change\":2,\"save\":{}},"
	"\"hoverProvider\":true,\"definitionProvider\":true,\"referencesProvider\":true,\"documentHighlightProvider\":true,"
	"\"completionProvider\":{\"triggerCharacters\":[\".\",\"/\",\":\",\"{\"]},"
	"\"renameProvider\":{\"prepareProvider\":true},\"documentSymbolProvider\":true,"
	"\"documentFormattingProvider\":true,\"documentLinkProvider\":{},"
	"\"codeActionProvider\":{\"codeActionKinds\":[\"quickfix\",\"source.fixAll\",\"source.freeze\",\"refactor.rewrite\"],"
	"\"resolveProvider\":true}";

static void on_initialize(struct lsp *l, const struct data *params)
{
	if (l->phase != LSP_NEW) {
		lsp_fail(l, LSP_INVALID_REQUEST, "initialize was sent before");
		return;
	}
	read_capabilities(l, json_member(params, "capabilities"));
	l->phase = LSP_RUNNING;
	buf_fmt(&l->body, "{\"capabilities\":{\"positionEncoding\":\"utf-%d\",%s},"
			  "\"serverInfo\":{\"name\":\"straylight\",\"version\":\"%s\"}}",
			l->utf8 ? 8 : 16, capabilities, STRAYLIGHT_VERSION);
}

/* Files that are imported and not open: the client says when they change. */
static void on_initialized(struct lsp *l, const struct data *params)
{
	static const char watch[] =
		"{\"jsonrpc\":\"2.0\",\"id\":\"watch\",\"method\":\"client/registerCapability\",\"params\":{\"registrations\":["
		"{\"id\":\"watch\",\"method\":\"workspace/didChangeWatchedFiles\",\"registerOptions\":{\"watchers\":["
		"{\"globPattern\":\"**/*.dhall\"}]}}]}}";

	(void)params;
	if (l->watches)
		frame_write(&l->out, str_c(watch));
}

static void on_shutdown(struct lsp *l, const struct data *params)
{
	(void)params;
	l->phase = LSP_SHUT;
	json_null(&l->j);
}

static void on_nothing(struct lsp *l, const struct data *params)
{
	(void)l;
	(void)params;
}

/* ---- the methods ---- */

static const struct method {
	const char *name;
	bool request;
	lsp_handler *handle;
} methods[] = {
	{"initialize", true, on_initialize},
	{"initialized", false, on_initialized},
	{"shutdown", true, on_shutdown},
	{"textDocument/didOpen", false, on_did_open},
	{"textDocument/didChange", false, on_did_change},
	{"textDocument/didSave", false, on_did_save},
	{"textDocument/didClose", false, on_did_close},
	{"workspace/didChangeWatchedFiles", false, on_watched},
	{"workspace/didChangeConfiguration", false, on_nothing},
	{"textDocument/hover", true, on_hover},
	{"textDocument/definition", true, on_definition},
	{"textDocument/references", true, on_references},
	{"textDocument/documentHighlight", true, on_highlight},
	{"textDocument/prepareRename", true, on_prepare_rename},
	{"textDocument/rename", true, on_rename},
	{"textDocument/documentSymbol", true, on_symbols},
	{"textDocument/documentLink", true, on_links},
	{"textDocument/completion", true, on_completion},
	{"textDocument/formatting", true, on_formatting},
	{"textDocument/codeAction", true, on_code_action},
	{"codeAction/resolve", true, on_code_action_resolve},
};

static const struct method *method_of(str name)
{
	for (size_t i = 0; i < SL_COUNT(methods); i++)
		if (str_eq(name, str_c(methods[i].name)))
			return &methods[i];
	return NULL;
}

/* ---- one message ---- */

static bool in_order(struct lsp *l, const struct message *m)
{
	if (l->phase == LSP_NEW && !str_eq(m->method, S("initialize"))) {
		lsp_fail(l, LSP_NOT_INITIALIZED, "'initialize' comes first");
		return false;
	}
	if (l->phase == LSP_SHUT) {
		lsp_fail(l, LSP_INVALID_REQUEST, "the server is shut down");
		return false;
	}
	return true;
}

static void handle(struct lsp *l, const struct message *m)
{
	const struct method *method = method_of(m->method);

	if (!in_order(l, m))
		return;
	if (method && method->request == (m->id != NULL))
		method->handle(l, json_member(m->root, "params"));
	else if (method)
		lsp_fail(l, LSP_INVALID_REQUEST, "'%.*s' is %s request", STR_ARG(m->method), method->request ? "a" : "no");
	else
		lsp_fail(l, LSP_METHOD_NOT_FOUND, "there is no '%.*s' here", STR_ARG(m->method));
}

static void message_free(struct message *m)
{
	arena_clear(&m->mem);
	mem_free(m);
}

bool lsp_step(struct lsp *l)
{
	struct message *m = l->queue;

	if (!m)
		return false;
	l->queue = m->next;
	if (!l->queue)
		l->last = NULL;
	l->failed = 0;
	l->body.n = 0;
	l->j = json_to(&l->body);
	l->near = (struct near){0};
	if (!m->id && str_eq(m->method, S("exit")))
		l->phase = l->phase == LSP_SHUT ? LSP_ENDED : LSP_BROKEN;
	else
		handle(l, m);
	if (m->id && l->failed)
		send_error(l, m->id, l->failed, l->failure);
	else if (m->id)
		send_result(l, m->id);
	message_free(m);
	arena_clear(&l->mem);
	return true;
}

bool lsp_idle(struct lsp *l)
{
	struct document *d = l->written && l->written->unpublished ? l->written : l->documents;

	while (d && !d->unpublished)
		d = d->next;
	if (d)
		publish(l, d);
	arena_clear(&l->mem);
	return d != NULL;
}

/* ---- receiving ---- */

static bool same_id(const struct data *a, const struct data *b)
{
	return a && b && a->kind == b->kind && str_eq(a->text, b->text);
}

static void unlink_message(struct lsp *l, struct message *m)
{
	struct message **at = &l->queue, *before = NULL;

	while (*at != m) {
		before = *at;
		at = &before->next;
	}
	*at = m->next;
	if (l->last == m)
		l->last = before;
}

/* What is being answered, or was, is not called back. */
static void cancel(struct lsp *l, const struct data *id)
{
	for (struct message *m = l->queue; m; m = m->next)
		if (same_id(m->id, id)) {
			send_error(l, m->id, LSP_CANCELLED, S("cancelled"));
			unlink_message(l, m);
			message_free(m);
			return;
		}
}

static void enqueue(struct lsp *l, struct message *m)
{
	if (l->last)
		l->last->next = m;
	else
		l->queue = m;
	l->last = m;
}

/* Takes the message, or answers that it is none. */
static bool accept(struct lsp *l, struct message *m)
{
	const struct data *method = json_member(m->root, "method"), *id = json_member(m->root, "id");

	m->method = json_text(method);
	m->id = id && (id->kind == DATA_TEXT || id->kind == DATA_NUMBER) ? id : NULL;
	if (m->root->kind == DATA_OBJECT && !method && id && (json_member(m->root, "result") || json_member(m->root, "error")))
		return false; /* the answer to a request of ours */
	if (m->root->kind != DATA_OBJECT || !method || method->kind != DATA_TEXT || (id && !m->id)) {
		send_error(l, m->id, LSP_INVALID_REQUEST, S("this is no JSON-RPC request"));
		return false;
	}
	if (!m->id && str_eq(m->method, S("$/cancelRequest"))) {
		cancel(l, json_member(json_member(m->root, "params"), "id"));
		return false;
	}
	if (!m->id && str_starts(m->method, S("$/")))
		return false;
	enqueue(l, m);
	return true;
}

static void receive(struct lsp *l, str body)
{
	struct message *m = mem_make(struct message);
	struct diags why = {0};

	m->root = data_read_json(&m->mem, 0, str_dup(&m->mem, body), &why);
	if (!m->root)
		send_error(l, NULL, LSP_PARSE_ERROR, why.first ? why.first->text : S("this is no JSON"));
	diags_free(&why);
	if (!m->root || !accept(l, m))
		message_free(m);
}

void lsp_input(struct lsp *l, str bytes)
{
	const char *what = NULL;
	enum frame_found found;
	str body;

	lsp_frames_add(&l->in, bytes);
	while ((found = lsp_frames_next(&l->in, &body, &what)) != FRAME_NONE)
		if (found == FRAME_BODY)
			receive(l, body);
		else
			send_error(l, NULL, LSP_PARSE_ERROR, str_c(what));
}

/* ---- the whole ---- */

void lsp_open(struct lsp *l, const struct dhall_env *doors, const struct lsp_files *files)
{
	struct dhall_env env;

	*l = (struct lsp){.doors = *doors};
	if (files)
		l->files = *files;
	env = lsp_env(l);
	l->world = dhall_world_new(&env);
}

void lsp_close(struct lsp *l)
{
	while (l->documents) {
		struct document *d = l->documents;

		l->documents = d->next;
		document_free(d);
	}
	while (l->queue) {
		struct message *m = l->queue;

		l->queue = m->next;
		message_free(m);
	}
	dhall_world_free(l->world);
	lsp_frames_free(&l->in);
	buf_free(&l->out);
	buf_free(&l->body);
	arena_clear(&l->mem);
}
