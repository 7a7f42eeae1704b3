#include "frame.h"

#include "fuzz.h"

#define MAX 4096

/* However the bytes are cut, the messages are the same, and none is larger than it may be. */
static size_t read_all(str in, size_t piece, struct buf *out, enum frame_step *end)
{
	struct frames f = {.max = MAX};
	size_t messages = 0;
	bool packed;
	str part, m;

	*end = FRAME_MORE;
	while (in.n && *end == FRAME_MORE) {
		part = str_upto(in, piece);
		in = str_from(in, part.n);
		while ((*end = frame_next(&f, &part, &m, &packed)) == FRAME_MESSAGE) {
			must(m.n <= MAX);
			buf_c(out, (char)packed);
			buf_str(out, m);
			messages++;
		}
		must(*end != FRAME_MORE || part.n == 0);
		must(f.part.n <= MAX);
	}
	frames_free(&f);
	return messages;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes, n);
	struct buf whole = {0}, cut = {0};
	enum frame_step a, b;
	size_t piece = n ? 1 + bytes[n - 1] % 13 : 1;

	must(read_all(in, n ? n : 1, &whole, &a) == read_all(in, piece, &cut, &b));
	must(a == b && str_eq(buf_view(&whole), buf_view(&cut)));
	cut.n = 0;
	if (frame_unpack(in, MAX, &cut))
		must(cut.n <= MAX);
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
