#include "fault.h"

static const struct {
	const char *word;
	enum fault_kind kind;
	bool valued;
} words[] = {
#define FAULT(name, word, valued) {word, FAULT_##name, valued},
#include "fault.def"
#undef FAULT
};

static const char *const statuses[] = {"ok", "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found",
		"already-exists", "permission-denied", "resource-exhausted", "failed-precondition", "aborted", "out-of-range",
		"unimplemented", "internal", "unavailable", "data-loss", "unauthenticated"};

const char *status_name(int code)
{
	return code >= 0 && (size_t)code < SL_COUNT(statuses) ? statuses[code] : "?";
}

int status_code(str name)
{
	for (size_t i = 0; i < SL_COUNT(statuses); i++)
		if (str_eq(name, str_c(statuses[i])))
			return (int)i;
	return -1;
}

static bool number(str s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.n == 0 || s.n > 18)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = n;
	return true;
}

/* ---- one fault ---- */

static bool find_word(str word, struct fault *f, bool *valued)
{
	for (size_t i = 0; i < SL_COUNT(words); i++)
		if (str_eq(word, str_c(words[i].word))) {
			f->kind = words[i].kind;
			*valued = words[i].valued;
			return true;
		}
	f->kind = FAULT_STATUS;
	f->status = status_code(word);
	*valued = true;
	return f->status >= 0;
}

static bool parse_place(str place, char kind, struct fault *f)
{
	f->when = kind == '@' ? FAULT_SENT : FAULT_RECEIVED;
	f->middle = kind == '@' && place.n == 0;
	return f->middle || number(place, &f->at);
}

static const char *parse_fault(struct arena *a, str text, struct fault *f)
{
	str head = text, rest, word, value;
	uint64_t n;
	bool valued;

	if ((str_cut(text, '@', &head, &rest) && !parse_place(rest, '@', f)) ||
			(str_cut(head, '<', &head, &rest) && !parse_place(rest, '<', f)))
		return str_fmt(a, "'%.*s' has no number of bytes", STR_ARG(text)).p;
	f->valued = str_cut(head, '=', &word, &value);
	if (!find_word(word, f, &valued))
		return str_fmt(a, "'%.*s' is no fault", STR_ARG(word)).p;
	if (f->valued && (!valued || !number(value, &n)))
		return str_fmt(a, "'%.*s' takes %s", STR_ARG(word), valued ? "a number" : "no value").p;
	if (f->valued)
		f->value = (int64_t)n;
	return NULL;
}

/* ---- rules ---- */

static size_t count(str s, char c)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

static bool parse_calls(str calls, struct fault_rule *rule)
{
	str first, last;

	if (calls.n && calls.p[calls.n - 1] == '+')
		return number(str_upto(calls, calls.n - 1), &rule->first);
	if (str_cut(calls, '-', &first, &last))
		return number(first, &rule->first) && number(last, &rule->last);
	rule->last = 0;
	return number(calls, &rule->first) && (rule->last = rule->first) != 0;
}

static const char *parse_rule(struct arena *a, str text, struct fault_rule *rule)
{
	str place, faults, one, part;
	uint64_t percent = 100;
	const char *why = NULL;

	if (!str_cut(text, ':', &place, &faults))
		return str_fmt(a, "'%.*s' is not RPC:FAULT", STR_ARG(text)).p;
	place = str_trim(place);
	*rule = (struct fault_rule){.first = 1, .last = UINT64_MAX, .n = count(faults, ',')};
	if (str_cut(place, '%', &place, &part) && (!number(part, &percent) || percent > 100))
		return str_fmt(a, "'%.*s' is no percentage", STR_ARG(part)).p;
	rule->percent = (unsigned)percent;
	if (str_cut(place, '#', &place, &part) && !parse_calls(part, rule))
		return str_fmt(a, "'%.*s' is no range of calls", STR_ARG(part)).p;
	rule->rpc = str_dup(a, place);
	rule->faults = arena_array(a, struct fault, rule->n);
	for (size_t i = 0; i < rule->n && !why; i++) {
		str_cut(faults, ',', &one, &faults);
		why = parse_fault(a, str_trim(one), &rule->faults[i]);
	}
	return why;
}

const char *faults_parse(struct arena *a, str text, struct faults *out)
{
	uint64_t random = out->random;
	const char *why = NULL;
	str one;

	*out = (struct faults){.random = random ? random : 1};
	text = str_trim(text);
	if (text.n == 0)
		return NULL;
	out->n = count(text, ';');
	out->rules = arena_array(a, struct fault_rule, out->n);
	for (size_t i = 0; i < out->n && !why; i++) {
		str_cut(text, ';', &one, &text);
		why = parse_rule(a, str_trim(one), &out->rules[i]);
	}
	if (why)
		out->n = 0;
	return why;
}

/* xorshift64* (Vigna 2016). */
uint64_t faults_random(struct faults *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (f->random * UINT64_C(2685821657736338717)) >> 11;
}

void faults_of(struct faults *f, str rpc, fault_vec *out)
{
	for (size_t i = 0; i < f->n; i++) {
		struct fault_rule *rule = &f->rules[i];

		if (!str_eq(rule->rpc, S("*")) && !str_eq(rule->rpc, rpc))
			continue;
		rule->seen++;
		if (rule->seen < rule->first || rule->seen > rule->last)
			continue;
		if (rule->percent < 100 && faults_random(f) % 100 >= rule->percent)
			continue;
		for (size_t k = 0; k < rule->n; k++)
			vec_push(out, rule->faults[k]);
	}
}
