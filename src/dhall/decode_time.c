#include "decode.h"

struct term *decode_date(struct decoder *d, struct items *items)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct term *t = decode_make(d, TERM_DATE);
	uint64_t year = items_small(d, items, 9999, "there is no such year"), month, day;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	month = items_small(d, items, 12, "there is no such month");
	day = items_small(d, items, 31, "there is no such day");
	if (month == 0 || day == 0 || day > days[month - 1] || (month == 2 && day == 29 && !leap))
		items_refuse(d, "there is no such day");
	t->u.date.year = (int32_t)year;
	t->u.date.month = (uint8_t)month;
	t->u.date.day = (uint8_t)day;
	return t;
}

#define FRACTION_DIGITS 17 /* as in literal.c */

/* [31, hh, mm, 4([e, m])] */
struct term *decode_time(struct decoder *d, struct items *items)
{
	static const char why[] = "the seconds of a time are a decimal fraction from 0 to below 60";
	struct term *t = decode_make(d, TERM_TIME);
	struct cbor_item head;
	struct items two;
	struct num exponent;
	uint64_t m, scale = 1;

	t->u.time.hour = (uint8_t)items_small(d, items, 23, "there is no such hour");
	t->u.time.minute = (uint8_t)items_small(d, items, 59, "there is no such minute");
	items_take(d, items, why);
	head = items_next(d);
	if (head.major != CBOR_TAG || head.n != 4)
		items_refuse(d, why);
	head = items_next(d);
	if (head.major != CBOR_ARRAY || head.is_break)
		items_refuse(d, why);
	two = items_of(d, head);
	items_take(d, &two, why);
	exponent = items_integer(d, items_next(d));
	if (exponent.big || exponent.small < -FRACTION_DIGITS || exponent.small > 1)
		items_refuse(d, "a time has at most 17 digits after the point");
	m = items_small(d, &two, INT64_MAX, why);
	items_end(d, &two, why);
	if (exponent.small > 0) {
		m = m > 5 ? 60 : m * 10;
		exponent.small = 0;
	}
	for (int64_t i = exponent.small; i < 0; i++)
		scale *= 10;
	if (m / scale > 59)
		items_refuse(d, why);
	t->u.time.second = (uint8_t)(m / scale);
	t->u.time.fraction = m % scale;
	t->u.time.precision = (uint8_t)-exponent.small;
	return t;
}

struct term *decode_zone(struct decoder *d, struct items *items)
{
	struct term *t = decode_make(d, TERM_TIMEZONE);
	struct cbor_item head;
	int32_t minutes;

	items_take(d, items, "a time zone has too few parts");
	head = items_next(d);
	if (head.major != CBOR_SIMPLE || (head.info != 20 && head.info != 21))
		items_refuse(d, "the sign of a time zone is a truth value");
	minutes = (int32_t)items_small(d, items, 23, "there is no such hour") * 60;
	minutes += (int32_t)items_small(d, items, 59, "there is no such minute");
	t->u.zone.minutes = head.info == 21 ? minutes : -minutes;
	return t;
}
