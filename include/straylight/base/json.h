/* json.h: writing JSON.  (Reading is jansson's work.)
 *
 * The writer appends to a buf and keeps track of commas; strings are escaped, bytes that are not
 * UTF-8 become U+FFFD.  Misuse (an end without a start) is an assertion. */
#ifndef STRAYLIGHT_BASE_JSON_H
#define STRAYLIGHT_BASE_JSON_H

#include <straylight/base/buf.h>

#define JSON_DEPTH_MAX 64

struct json {
	struct buf *out;
	unsigned depth;
	bool some[JSON_DEPTH_MAX]; /* this level has an element */
	bool after_key;
};

static inline struct json json_to(struct buf *out)
{
	return (struct json){.out = out};
}

void json_object(struct json *);
void json_array(struct json *);
void json_end(struct json *, char close); /* '}' or ']' */
void json_key(struct json *, const char *);
void json_key_str(struct json *, str);
void json_str(struct json *, str);
void json_c(struct json *, const char *);
void json_int(struct json *, int64_t);
void json_bool(struct json *, bool);
void json_null(struct json *);
void json_double(struct json *, double); /* shortest that reads back; NaN and infinities are null */

/* A key and its value. */
void json_member_str(struct json *, const char *key, str);
void json_member_int(struct json *, const char *key, int64_t);

/* One quoted string, nothing else. */
void json_quote(struct buf *, str);

#endif
