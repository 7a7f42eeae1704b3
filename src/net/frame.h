/* frame.h: gRPC's messages in a stream of bytes.
 *
 *	message = flag (1 byte: 0 plain, 1 compressed)  length (4 bytes, big-endian)  bytes
 *
 * Pure: bytes in, messages out.  What is kept is one message that is not whole yet; memory grows with what
 * came, not with the length that is claimed. */
#ifndef STRAYLIGHT_NET_FRAME_H
#define STRAYLIGHT_NET_FRAME_H

#include <straylight/base.h>

#define FRAME_PREFIX 5

struct frames { /* starts from {.max = …} */
	size_t max; /* bytes of a message */
	unsigned char prefix[FRAME_PREFIX];
	unsigned have;     /* bytes of the prefix that are there */
	struct buf part;   /* of a message that came in pieces */
	bool given;        /* part was handed out: it is empty at the next call */
};

enum frame_step {
	FRAME_MORE,      /* *in is used up, and no message is whole */
	FRAME_MESSAGE,   /* *message, borrowed until the next call or change of *in; *packed tells */
	FRAME_BAD,       /* the flag is neither 0 nor 1 */
	FRAME_TOO_LARGE, /* the length is above max */
};

/* Takes bytes from the front of *in.  After BAD and TOO_LARGE the stream is lost. */
enum frame_step frame_next(struct frames *, str *in, str *message, bool *packed);
/* The stream may end here: no message has begun. */
bool frame_at_end(const struct frames *);
void frames_free(struct frames *);

void frame_prefix(size_t n, unsigned char out[FRAME_PREFIX]);

/* Unpacks a gzip member; false when it is not one, or gives more than max bytes (out->over then). */
bool frame_unpack(str packed, size_t max, struct buf *out);

#endif
