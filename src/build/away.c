#include "away_int.h"

#include <string.h>

struct away *away_new(struct uv_loop_s *loop, struct pool *pool, struct store *store, struct provider *provider,
		const struct build_remote *options, struct diags *diags)
{
	struct away *r = mem_make(struct away);
	struct re_config config = {
		.channel = {
			.endpoint = options->endpoint,
			.ca_file = options->ca_file,
			.cert_file = options->cert_file,
			.key_file = options->key_file,
			.headers = options->headers,
			.nheaders = options->nheaders,
		},
		.instance = options->instance,
		.version = options->version,
	};

	r->loop = loop;
	r->pool = pool;
	r->store = store;
	r->provider = provider;
	r->options = *options;
	r->waiting.last = &r->waiting.first;
	r->client = re_open(loop, &config, store, diags);
	if (r->client)
		return r;
	mem_free(r);
	return NULL;
}

static void closed(uv_handle_t *timer)
{
	mem_free(timer->data);
}

void away_free(struct away *r)
{
	if (!r)
		return;
	re_close(r->client);
	while (r->puts || r->under_way)
		uv_run(r->loop, UV_RUN_ONCE);
	diags_free(&r->troubles);
	if (!r->watched) {
		mem_free(r);
		return;
	}
	r->timer.data = r;
	uv_close((uv_handle_t *)&r->timer, closed);
}

bool away_runs(const struct away *r)
{
	return !r->options.cache_only && !r->cannot_run;
}

bool away_writes(const struct away *r)
{
	return r->options.write && !r->cannot_write;
}

/* ---- troubles ---- */

static const char *const consequences[] = { /* ORDER trouble */
	[TROUBLE_LOOK] = "what it may have is made here",
	[TROUBLE_RUN] = "what it does not run is run here",
	[TROUBLE_FETCH] = "what cannot be downloaded is made again",
	[TROUBLE_PUT] = "results of this machine stay here",
};

/* The server cannot be reached, or does not answer: whatever was being done. */
static bool is_outage(const struct re_status *s)
{
	return s->code == GRPC_UNAVAILABLE || s->source == GRPC_BY_DEADLINE;
}

void away_trouble(struct away *r, enum trouble kind, const struct re_status *status, str what)
{
	bool outage = is_outage(status);
	struct diag *d;

	r->summary.troubles++;
	if (r->seen[kind]++ || (outage && r->outage))
		return;
	r->outage |= outage;
	d = re_diag(&r->troubles, r->client, status, r->options.require ? DIAG_ERROR : DIAG_WARNING, what);
	if (!r->options.require)
		diag_note(&r->troubles, d, NO_SPAN, "%s; further such troubles are only counted",
				outage ? "what it does not do is done here" : consequences[kind]);
}

void away_troubles(struct away *r, struct diags *diags)
{
	diags_move(diags, &r->troubles);
}

void away_tell(struct away *r, const struct re_status *status, str what, struct diags *diags)
{
	re_diag(diags, r->client, status, DIAG_ERROR, what);
}

void away_count(const struct away *r, struct build_remote_summary *out)
{
	struct re_stats s = re_stats(r->client);

	*out = r->summary;
	out->sent_bytes = s.put_bytes;
	out->got_bytes = s.got_bytes;
	out->sent_blobs = s.put_blobs;
	out->got_blobs = s.got_blobs;
	out->healed += s.healed;
	out->asks = s.find_calls;
	out->asked = s.find_asked;
}

/* ---- silence ---- */

#define SILENCE_MS 10000

static struct re_progress progress(const struct errand *e)
{
	uint64_t ms = e->state == ERRAND_FETCHING ? (uint64_t)(os_now_ns() - e->fetching_ns) / 1000000 : 0;

	if (e->run)
		return re_progress(e->run);
	return (struct re_progress){.stage = RE_FETCHING, .worker = e->result.worker, .since_ms = ms, .silent_ms = ms};
}

void away_each(const struct away *r, away_silence *fn, void *ud)
{
	for (const struct errand *e = r->executing; e; e = e->next) {
		struct re_progress p = progress(e);

		if (!e->cancelled)
			fn(ud, e->ud, &p);
	}
}

static void look_around(uv_timer_t *timer)
{
	struct away *r = timer->data;
	struct errand *oldest = NULL;
	struct re_progress worst = {.silent_ms = SILENCE_MS};

	for (struct errand *e = r->executing; e; e = e->next) {
		struct re_progress p = progress(e);

		if (!e->cancelled && p.silent_ms >= worst.silent_ms) {
			worst = p;
			oldest = e;
		}
	}
	if (oldest)
		r->silence(r->silence_ud, oldest->ud, &worst);
}

void away_watch(struct away *r, away_silence *silence, void *ud)
{
	r->silence = silence;
	r->silence_ud = ud;
	r->watched = true;
	uv_timer_init(r->loop, &r->timer);
	r->timer.data = r;
	uv_timer_start(&r->timer, look_around, SILENCE_MS, SILENCE_MS);
	uv_unref((uv_handle_t *)&r->timer);
}
