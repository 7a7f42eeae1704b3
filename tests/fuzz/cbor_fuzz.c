#include <straylight/base/cbor.h>

#include "fuzz.h"

/* Every head in turn, whatever stands in what. */
static void walk(str in)
{
	struct cbor c = cbor_over(in);
	struct cbor_item item;
	size_t before = 0;

	while (cbor_next(&c, &item)) {
		must(c.at > before && c.at <= in.n && !c.bad);
		must(item.bytes.n <= c.at - before);
		for (size_t i = 0; i < item.bytes.n; i++)
			must(item.bytes.p[i] == in.p[c.at - item.bytes.n + i]);
		(void)cbor_float(&item);
		before = c.at;
	}
	must(c.bad || c.at == in.n);
}

/* Items one after the other: no part of one is one, and skipping does not depend on what follows. */
static void skip(str in)
{
	struct cbor c = cbor_over(in);
	size_t before = 0;

	while (cbor_skip(&c)) {
		str item = str_of(in.p + before, c.at - before);
		struct cbor alone = cbor_over(item), half = cbor_over(str_upto(item, item.n / 2)),
			    less = cbor_over(str_upto(item, item.n - 1));

		must(cbor_skip(&alone) && alone.at == item.n);
		must(!cbor_skip(&half) && half.bad == CBOR_SHORT);
		must(!cbor_skip(&less) && less.bad == CBOR_SHORT);
		before = c.at;
	}
	must(c.bad != CBOR_OK && c.bad != CBOR_TYPE && c.at <= in.n);
}

/* What a typed read gives, written again, is read as the same, and is never longer. */
static void again(str in)
{
	struct cbor number = cbor_over(in), text = cbor_over(in), count = cbor_over(in);
	int64_t n = cbor_get_int(&number);
	str s = cbor_get_text(&text);
	struct buf b = {0};
	struct cbor c;

	if (!number.bad) {
		cbor_int(&b, n);
		c = cbor_over(buf_view(&b));
		must(b.n <= number.at && cbor_get_int(&c) == n && !c.bad && c.at == b.n);
	}
	b.n = 0;
	if (!text.bad) {
		cbor_text(&b, s);
		c = cbor_over(buf_view(&b));
		must(b.n <= text.at && str_eq(cbor_get_text(&c), s) && !c.bad && c.at == b.n);
	}
	must(cbor_get_array(&count) <= in.n);
	buf_free(&b);
}

static void floats(str in)
{
	struct cbor c = cbor_over(in), d;
	struct cbor_item item, read;
	struct buf b = {0};
	double value, same;

	if (cbor_next(&c, &item) && item.major == CBOR_SIMPLE && !item.is_break && item.info >= 25) {
		value = cbor_float(&item);
		cbor_double(&b, value);
		d = cbor_over(buf_view(&b));
		must(b.n <= c.at && cbor_next(&d, &read) && d.at == b.n);
		same = cbor_float(&read);
		must(value != value ? same != same : memcmp(&same, &value, sizeof same) == 0);
	}
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes, n);

	walk(in);
	skip(in);
	again(in);
	floats(in);
	return 0;
}
