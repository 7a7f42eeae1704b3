#include "away_int.h"

/* Results of this machine go to the remote cache in the background: first the messages that say what ran, then
 * what came of it, the result last (re_ac_put).  The first refusal ends it for this build. */

struct put {
	struct away *away;
	struct arena arena;
	struct digest action, messages[2];
	struct action_result result;
};

static void end(struct put *p)
{
	p->away->puts--;
	arena_clear(&p->arena);
	mem_free(p);
}

static bool went_well(struct put *p, const struct re_status *s)
{
	struct away *r = p->away;

	if (s->code == GRPC_OK)
		return true;
	r->summary.refused++;
	if (s->code == GRPC_PERMISSION_DENIED || s->code == GRPC_UNAUTHENTICATED || s->code == GRPC_UNIMPLEMENTED)
		r->cannot_write = true;
	if (s->source != GRPC_BY_CALLER)
		away_trouble(r, TROUBLE_PUT, s, S("writing a result to the cache"));
	return false;
}

static void on_put(void *ud, const struct re_status *s)
{
	struct put *p = ud;

	if (went_well(p, s))
		p->away->summary.puts++;
	end(p);
}

static void on_sent(void *ud, const struct re_status *s)
{
	struct put *p = ud;

	if (went_well(p, s))
		re_ac_put(p->away->client, &p->action, &p->result, on_put, p);
	else
		end(p);
}

static void on_caps(void *ud, const struct re_status *s, const struct re_caps *caps)
{
	struct put *p = ud;
	struct re_need need = {.blobs = p->messages, .nblobs = SL_COUNT(p->messages)};

	if (!went_well(p, s)) {
		end(p);
	} else if (!caps->ac_write) {
		p->away->cannot_write = true;
		end(p);
	} else {
		re_upload(p->away->client, &need, on_sent, p);
	}
}

static bool store_messages(struct put *p, const struct identity *id)
{
	struct store *s = p->away->store;

	return store_put(s, id->command_message, &p->messages[0]) == 0 &&
			store_put(s, id->action_message, &p->messages[1]) == 0;
}

static int by_path(const struct output_entry *a, const struct output_entry *b)
{
	return str_cmp(a->path, b->path);
}

/* The result with the depfile among its outputs, in its place. */
static void keep_result(struct put *p, const struct action *a, const struct action_result *r,
		const struct digest *depfile)
{
	struct output_entry *outputs = arena_array(&p->arena, struct output_entry, r->noutputs + 1);
	struct output_entry extra = {.path = a->depfile, .kind = TREE_FILE};
	size_t n = 0;

	if (depfile)
		extra.digest = *depfile;
	for (size_t i = 0; i < r->noutputs; i++) {
		if (depfile && by_path(&extra, &r->outputs[i]) < 0) {
			outputs[n++] = extra;
			depfile = NULL;
		}
		outputs[n++] = r->outputs[i];
	}
	if (depfile)
		outputs[n++] = extra;
	for (size_t i = 0; i < n; i++) {
		outputs[i].path = str_dup(&p->arena, outputs[i].path);
		outputs[i].target = str_dup(&p->arena, outputs[i].target);
	}
	p->result = *r;
	p->result.outputs = outputs;
	p->result.noutputs = n;
	p->result.worker = str_dup(&p->arena, r->worker);
}

void away_put(struct away *r, const struct action *a, const struct identity *id, const struct action_result *result,
		const struct digest *depfile)
{
	struct put *p = mem_make(struct put);

	p->away = r;
	p->action = id->action;
	r->puts++;
	keep_result(p, a, result, depfile);
	if (store_messages(p, id))
		re_capabilities(r->client, on_caps, p);
	else
		end(p);
}

void away_settle(struct away *r, bool hurry)
{
	while (r->puts && !hurry)
		uv_run(r->loop, UV_RUN_ONCE);
}
