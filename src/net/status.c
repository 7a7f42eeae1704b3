#include "status.h"

#include <straylight/wire.h>

static const char *const code_names[] = { /* ORDER CODE */
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
	"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
};
_Static_assert(SL_COUNT(code_names) == GRPC_CODES, "ORDER CODE");

const char *grpc_code_name(enum grpc_code code)
{
	return (unsigned)code < GRPC_CODES ? code_names[code] : "UNKNOWN";
}

enum grpc_code status_of_http(unsigned http)
{
	switch (http) {
	case 400: return GRPC_INTERNAL;
	case 401: return GRPC_UNAUTHENTICATED;
	case 403: return GRPC_PERMISSION_DENIED;
	case 404: return GRPC_UNIMPLEMENTED;
	case 429: case 502: case 503: case 504: return GRPC_UNAVAILABLE;
	default: return GRPC_UNKNOWN;
	}
}

enum grpc_code status_of_reset(uint32_t error)
{
	switch (error) {
	case 0x7: return GRPC_UNAVAILABLE;        /* REFUSED_STREAM */
	case 0x8: return GRPC_CANCELLED;          /* CANCEL */
	case 0xb: return GRPC_RESOURCE_EXHAUSTED; /* ENHANCE_YOUR_CALM */
	case 0xc: return GRPC_PERMISSION_DENIED;  /* INADEQUATE_SECURITY */
	default: return GRPC_INTERNAL;
	}
}

enum grpc_code status_of_text(str s)
{
	unsigned n = 0;

	if (s.n == 0 || s.n > 2)
		return GRPC_UNKNOWN;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return GRPC_UNKNOWN;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return n < GRPC_CODES ? (enum grpc_code)n : GRPC_UNKNOWN;
}

str status_unescape(str s, struct arena *a)
{
	char *out = arena_raw(a, s.n + 1, 1);
	unsigned char byte;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && s.n - i > 2 && hex_parse(str_of(s.p + i + 1, 2), &byte, 1)) {
			out[n++] = (char)byte;
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	out[n] = '\0';
	return str_of(out, n);
}

/* ---- base64 ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int letter_value(char c)
{
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

bool base64_read(str s, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (unsigned i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		int v = letter_value(s.p[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_c(out, (char)(bits >> have));
		}
	}
	return have < 6;
}

void base64_write(str s, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < s.n; i++) {
		bits = bits << 8 | (unsigned char)s.p[i];
		for (have += 8; have >= 6;) {
			have -= 6;
			buf_c(out, letters[bits >> have & 63]);
		}
	}
	if (have)
		buf_c(out, letters[bits << (6 - have) & 63]);
}

/* ---- google.rpc.Status ----
 *	Status { int32 code = 1; string message = 2; repeated Any details = 3; }
 *	Any { string type_url = 1; bytes value = 2; }
 *	PreconditionFailure { repeated Violation violations = 1; }
 *	Violation { string type = 1; string subject = 2; string description = 3; }
 *	RetryInfo { Duration retry_delay = 1; }    Duration { int64 seconds = 1; int32 nanos = 2; } */

struct reading {
	struct arena *mem;
	struct grpc_status *out;
	VEC(struct grpc_violation) violations;
};

static bool read_violation(str bytes, struct reading *r)
{
	struct wire w = wire_over(bytes);
	struct grpc_violation v = {0};
	struct wire_field f;

	while (wire_next(&w, &f)) {
		if (f.type != WIRE_BYTES)
			continue;
		switch (f.number) {
		case 1: v.type = str_dup(r->mem, f.bytes); break;
		case 2: v.subject = str_dup(r->mem, f.bytes); break;
		case 3: v.description = str_dup(r->mem, f.bytes); break;
		default: break;
		}
	}
	if (r->violations.n < STATUS_DETAILS_MAX)
		vec_push(&r->violations, v);
	return !w.bad;
}

static bool read_failure(str bytes, struct reading *r)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	while (wire_next(&w, &f))
		if (f.number == 1 && f.type == WIRE_BYTES && !read_violation(f.bytes, r))
			return false;
	return !w.bad;
}

#define DELAY_MAX_S ((int64_t)24 * 3600)

static bool read_duration(str bytes, struct reading *r)
{
	struct wire w = wire_over(bytes);
	int64_t seconds = 0, nanos = 0;
	struct wire_field f;

	while (wire_next(&w, &f)) {
		if (f.type == WIRE_VARINT && f.number == 1)
			seconds = (int64_t)f.n;
		if (f.type == WIRE_VARINT && f.number == 2)
			nanos = (int64_t)f.n;
	}
	if (w.bad)
		return false;
	if (seconds < 0 || nanos < 0 || nanos > 999999999)
		seconds = nanos = 0;
	r->out->retry_ms = seconds > DELAY_MAX_S ? DELAY_MAX_S * 1000 : seconds * 1000 + nanos / 1000000;
	return true;
}

static bool read_retry(str bytes, struct reading *r)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	while (wire_next(&w, &f))
		if (f.number == 1 && f.type == WIRE_BYTES && !read_duration(f.bytes, r))
			return false;
	return !w.bad;
}

static bool read_detail(str bytes, struct reading *r)
{
	struct wire w = wire_over(bytes);
	str type = {0}, value = {0};
	struct wire_field f;

	while (wire_next(&w, &f)) {
		if (f.number == 1 && f.type == WIRE_BYTES)
			type = f.bytes;
		if (f.number == 2 && f.type == WIRE_BYTES)
			value = f.bytes;
	}
	if (w.bad)
		return false;
	if (str_ends(type, S("/google.rpc.PreconditionFailure")))
		return read_failure(value, r);
	if (str_ends(type, S("/google.rpc.RetryInfo")))
		return read_retry(value, r);
	return true;
}

static bool read_status(str bytes, struct reading *r)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;
	size_t details = 0;

	while (wire_next(&w, &f)) {
		if (f.number == 1 && f.type == WIRE_VARINT)
			r->out->code = f.n < GRPC_CODES ? (enum grpc_code)f.n : GRPC_UNKNOWN;
		if (f.number == 2 && f.type == WIRE_BYTES)
			r->out->text = str_dup(r->mem, f.bytes);
		if (f.number == 3 && f.type == WIRE_BYTES && details++ < STATUS_DETAILS_MAX && !read_detail(f.bytes, r))
			return false;
	}
	return !w.bad;
}

bool grpc_status_read(str bytes, struct arena *a, struct grpc_status *out)
{
	struct reading r = {.mem = a, .out = out};
	struct grpc_violation *kept;
	bool ok;

	*out = (struct grpc_status){.code = GRPC_OK, .retry_ms = -1};
	ok = read_status(bytes, &r);
	if (!ok)
		*out = (struct grpc_status){.code = GRPC_UNKNOWN, .retry_ms = -1};
	else if (r.violations.n) {
		kept = arena_array(a, struct grpc_violation, r.violations.n);
		memcpy(kept, r.violations.p, r.violations.n * sizeof *kept);
		out->violations = kept;
		out->nviolations = r.violations.n;
	}
	vec_free(&r.violations);
	return ok;
}
