#include "decode.h"
#include "stack.h"

void items_refuse(struct decoder *d, const char *why)
{
	d->why = why;
	stack_forget(d->top);
	longjmp(d->leave, 1);
}

/* ---- heads ---- */

#define SELF_DESCRIBED 55799

struct cbor_item items_next(struct decoder *d)
{
	struct cbor_item item;

	do {
		if (!cbor_next(&d->in, &item))
			items_refuse(d, d->in.bad == CBOR_INVALID ? "this is not well-formed CBOR"
								  : "the bytes end inside an expression");
	} while (item.major == CBOR_TAG && item.n == SELF_DESCRIBED);
	return item;
}

struct cbor_item items_peek(struct decoder *d)
{
	struct cbor before = d->in;
	struct cbor_item item = items_next(d);

	d->in = before;
	return item;
}

/* ---- arrays and maps ---- */

#define AHEAD_MAX(size) (64 * ((uint64_t)(size) + 1024))

static uint64_t count(struct decoder *d)
{
	struct cbor ahead = d->in;
	struct cbor_item item;
	uint64_t n = 0;

	for (; cbor_peek(&ahead, &item) && !item.is_break; n++)
		if (!cbor_skip(&ahead))
			break;
	d->ahead += ahead.at - d->in.at;
	if (d->ahead > AHEAD_MAX(d->in.in.n))
		items_refuse(d, "too many arrays of open length are nested");
	return n;
}

struct items items_of(struct decoder *d, struct cbor_item head)
{
	if (!head.indefinite)
		return (struct items){head.n, false};
	return (struct items){head.major == CBOR_MAP ? count(d) / 2 : count(d), true};
}

void items_take(struct decoder *d, struct items *items, const char *why)
{
	if (items->left == 0)
		items_refuse(d, why);
	items->left--;
}

void items_end(struct decoder *d, const struct items *items, const char *why)
{
	if (items->left || (items->open && !items_next(d).is_break))
		items_refuse(d, why);
}

/* ---- strings and numbers ---- */

str items_view(struct decoder *d, struct cbor_item head, enum cbor_major major, const char *why)
{
	str whole = head.bytes;

	if (head.major != major || head.is_break)
		items_refuse(d, why);
	d->bytes.n = 0;
	while (head.indefinite) {
		struct cbor_item chunk = items_next(d);

		whole = buf_view(&d->bytes);
		if (chunk.is_break)
			break;
		if (chunk.major != major || chunk.indefinite)
			items_refuse(d, "this is not well-formed CBOR");
		buf_str(&d->bytes, chunk.bytes);
	}
	if (major == CBOR_TEXT && utf8_check(whole) != whole.n)
		items_refuse(d, "a text is not valid UTF-8");
	return whole;
}

struct num items_integer(struct decoder *d, struct cbor_item head)
{
	bool negative = head.major == CBOR_NINT || (head.major == CBOR_TAG && head.n == 3);
	char word[8];
	struct num n;

	if (head.major == CBOR_UINT || head.major == CBOR_NINT) {
		if (head.n <= INT64_MAX)
			return num_small(negative ? -1 - (int64_t)head.n : (int64_t)head.n);
		for (int i = 0; i < 8; i++)
			word[i] = (char)(head.n >> (56 - 8 * i));
		n = num_from_bytes(d->mem, str_of(word, 8), false);
	} else if (head.major == CBOR_TAG && (head.n == 2 || head.n == 3)) {
		str bytes = items_view(d, items_next(d), CBOR_BYTES, "a big number needs its bytes");

		n = num_from_bytes(d->mem, bytes, false);
	} else {
		items_refuse(d, "a number was expected");
	}
	return negative ? num_sub(d->mem, num_small(-1), n) : n;
}

str items_text(struct decoder *d, struct items *items, const char *why)
{
	items_take(d, items, why);
	return str_dup(d->mem, items_view(d, items_next(d), CBOR_TEXT, why));
}

sym items_name(struct decoder *d, struct items *items, const char *why)
{
	items_take(d, items, why);
	return intern(items_view(d, items_next(d), CBOR_TEXT, why));
}

uint64_t items_small(struct decoder *d, struct items *items, uint64_t max, const char *why)
{
	struct num n;

	items_take(d, items, why);
	n = items_integer(d, items_next(d));
	if (n.big || n.small < 0 || (uint64_t)n.small > max)
		items_refuse(d, why);
	return (uint64_t)n.small;
}
