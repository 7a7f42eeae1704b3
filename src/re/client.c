#include "re_int.h"

#include <stdio.h>
#include <sys/random.h>

#define RPC_MS 30000u
#define EXECUTE_MS (3600u * 1000)
#define RETRIES 5u
#define BACKOFF_MS 100u
#define LEASE_S 600u
#define FAILURES_MAX 8u     /* in a row, then it is left alone */
#define AWAY_MS 10000u
#define MOMENT_MS 1000u     /* that the server gets to hear which operations nobody waits for */

uint64_t client_now(void)
{
	return (uint64_t)(os_now_ns() / 1000000);
}

/* xorshift64*. */
uint64_t client_random(struct re_client *c)
{
	c->seed ^= c->seed >> 12;
	c->seed ^= c->seed << 25;
	c->seed ^= c->seed >> 27;
	return c->seed * 0x2545f4914f6cdd1dull;
}

/* ---- time ---- */

static void on_timer(uv_timer_t *);

static void arm(struct re_client *c)
{
	uint64_t now = client_now();

	if (!c->sleepers)
		return;
	uv_update_time(c->loop);
	uv_timer_start(&c->timer, on_timer, c->sleepers->at > now && !c->closing ? c->sleepers->at - now : 0, 0);
}

static void wake(struct re_client *c, struct sleeper *due)
{
	client_hold(c);
	while (due) {
		struct sleeper *s = due;

		due = s->next;
		s->wake(s->ud);
		mem_free(s);
		client_release(c);
	}
	client_release(c);
}

static void on_timer(uv_timer_t *t)
{
	struct re_client *c = t->data;
	uint64_t now = client_now();
	struct sleeper *due = NULL, **tail = &due;

	while (c->sleepers && (c->closing || c->sleepers->at <= now)) {
		*tail = c->sleepers;
		tail = &c->sleepers->next;
		c->sleepers = c->sleepers->next;
	}
	*tail = NULL;
	arm(c);
	wake(c, due);
}

/* Those that are woken may want to be woken again: in the next turn, after what has come was read. */
static void on_soon(uv_idle_t *h)
{
	struct re_client *c = h->data;
	struct sleeper *due = c->soon;

	uv_idle_stop(h);
	c->soon = NULL;
	c->soon_tail = &c->soon;
	wake(c, due);
}

/* Not by a timer of no time: libuv calls those that are started meanwhile in the same turn. */
static void sleep_a_turn(struct re_client *c, struct sleeper *s)
{
	*c->soon_tail = s;
	c->soon_tail = &s->next;
	uv_idle_start(&c->turn, on_soon);
}

void client_sleep(struct re_client *c, uint64_t ms, void (*then)(void *), void *ud)
{
	struct sleeper *s = mem_make(struct sleeper), **at = &c->sleepers;

	*s = (struct sleeper){.at = client_now() + ms, .wake = then, .ud = ud};
	client_hold(c);
	if (ms == 0) {
		sleep_a_turn(c, s);
		return;
	}
	while (*at && (*at)->at <= s->at)
		at = &(*at)->next;
	s->next = *at;
	*at = s;
	arm(c);
}

/* ---- health ---- */

/* Calls that fail together, as when a connection breaks, are one failure. */
void client_report(struct re_client *c, const struct grpc_status *s)
{
	uint64_t now = client_now();

	if (s->source == GRPC_BY_CALLER)
		return;
	c->stats.failures += s->code != GRPC_OK;
	if (s->source == GRPC_BY_SERVER && s->code != GRPC_UNAVAILABLE) {
		c->failures = 0;
		c->away_until = 0;
		return;
	}
	c->why.n = 0;
	buf_str(&c->why, s->text);
	if (c->failures && now - c->failed_at < c->config.backoff_ms)
		return;
	c->failed_at = now;
	if (++c->failures >= FAILURES_MAX)
		c->away_until = now + AWAY_MS;
}

bool client_ready(struct re_client *c, struct grpc_status *why)
{
	if (c->closing) {
		*why = (struct grpc_status){.code = GRPC_CANCELLED, .source = GRPC_BY_CALLER, .text = S("the remote is being closed"), .retry_ms = -1};
		return false;
	}
	if (c->away_until <= client_now())
		return true;
	*why = (struct grpc_status){.code = GRPC_UNAVAILABLE, .source = GRPC_BY_CALLER, .text = buf_view(&c->why), .retry_ms = -1};
	return false;
}

enum re_health re_health(const struct re_client *c, str *why)
{
	*why = c->failures ? buf_view(&c->why) : (str){NULL, 0};
	if (c->away_until > client_now())
		return RE_AWAY;
	return c->failures ? RE_TROUBLED : RE_WELL;
}

struct re_stats re_stats(const struct re_client *c)
{
	return c->stats;
}

str re_endpoint(const struct re_client *c)
{
	return grpc_endpoint(c->channel);
}

str re_instance(const struct re_client *c)
{
	return c->config.instance;
}

/* ---- its life ---- */

static str or_random(struct re_client *c, str given)
{
	return given.n ? str_dup(&c->mem, given)
		       : str_fmt(&c->mem, "%016llx%016llx", (unsigned long long)client_random(c), (unsigned long long)client_random(c));
}

static void complete(struct re_client *c, const struct re_config *config)
{
	struct re_config *own = &c->config;

	*own = *config;
	own->channel = (struct grpc_config){0};
	own->instance = str_dup(&c->mem, config->instance);
	own->version = str_dup(&c->mem, config->version);
	own->invocation = or_random(c, config->invocation);
	own->rpc_ms = own->rpc_ms ? own->rpc_ms : RPC_MS;
	own->execute_ms = own->execute_ms ? own->execute_ms : EXECUTE_MS;
	own->retries = own->retries ? own->retries : RETRIES;
	own->backoff_ms = own->backoff_ms ? own->backoff_ms : BACKOFF_MS;
	own->lease_s = own->lease_s ? own->lease_s : LEASE_S;
}

struct re_client *re_open(struct uv_loop_s *loop, const struct re_config *config, struct store *store, struct diags *diags)
{
	struct re_client *c = mem_make(struct re_client);

	c->channel = grpc_open(loop, &config->channel, diags);
	if (!c->channel) {
		mem_free(c);
		return NULL;
	}
	c->loop = loop;
	c->store = store;
	if (getrandom(&c->seed, sizeof c->seed, 0) != sizeof c->seed || !c->seed)
		c->seed = (uint64_t)os_wall_ns() | 1;
	complete(c, config);
	uv_timer_init(loop, &c->timer);
	uv_timer_init(loop, &c->moment);
	uv_idle_init(loop, &c->turn);
	c->timer.data = c->moment.data = c->turn.data = c;
	c->handles = 4; /* and that of batch_init */
	c->soon_tail = &c->soon;
	batch_init(c);
	send_init(c);
	fetch_init(c);
	c->holds = 1; /* the user's */
	return c;
}

static void on_closed(uv_handle_t *h)
{
	struct re_client *c = h->data;

	if (--c->handles)
		return;
	uv_mutex_destroy(&c->making);
	for (size_t i = 0; i < c->known.n; i++)
		tree_unref(((struct known *)c->known.entries[i].value)->dir);
	map_free(&c->known);
	arena_clear(&c->known_mem);
	vec_free(&c->gates);
	vec_free(&c->rooms);
	buf_free(&c->why);
	arena_clear(&c->mem);
	mem_free(c);
}

void client_release(struct re_client *c)
{
	if (--c->holds)
		return;
	uv_close((uv_handle_t *)&c->timer, on_closed);
	uv_close((uv_handle_t *)&c->moment, on_closed);
	uv_close((uv_handle_t *)&c->turn, on_closed);
	uv_close((uv_handle_t *)&c->was_made, on_closed);
}

static void shut(struct re_client *c)
{
	uv_timer_stop(&c->moment);
	grpc_close(c->channel);
	arm(c);
	client_release(c);
}

static void on_moment(uv_timer_t *t)
{
	shut(t->data);
}

void client_stopping(struct re_client *c)
{
	c->stops++;
	client_hold(c);
}

void client_stopped(struct re_client *c)
{
	c->stops--;
	if (c->closing && !c->stops && uv_is_active((uv_handle_t *)&c->moment))
		shut(c);
	client_release(c);
}

void re_close(struct re_client *c)
{
	if (!c)
		return;
	c->closing = true;
	if (c->stops)
		uv_timer_start(&c->moment, on_moment, MOMENT_MS, 0);
	else
		shut(c);
}
