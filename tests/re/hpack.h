/* hpack.h: writes the header blocks of outgoing frames anew, in forms that nghttp2 does not write (RFC 7541).
 *
 * HPACK_NGHTTP2  as they are: Huffman, dynamic table
 * HPACK_PLAIN    literals without Huffman, added to the dynamic table and then indexed: as gRPC's C core does
 * HPACK_LITERAL  literals without Huffman and without indexing, names too
 * HPACK_NEVER    the same, "never indexed"
 * With `split` a block is cut into HEADERS and CONTINUATION frames of that many bytes. */
#ifndef RE_HPACK_H
#define RE_HPACK_H

#include <straylight/base.h>

enum hpack_form { HPACK_NGHTTP2, HPACK_PLAIN, HPACK_LITERAL, HPACK_NEVER };

struct hpack;
struct hpack *hpack_new(enum hpack_form, size_t split) SL_MUST_USE;
void hpack_free(struct hpack *);
/* The peer's SETTINGS_HEADER_TABLE_SIZE. */
void hpack_limit(struct hpack *, size_t);
/* Frames in any pieces, as nghttp2 gives them; what is whole is appended to out. */
void hpack_pass(struct hpack *, str frames, struct buf *out);
bool hpack_form_of(str name, enum hpack_form *); /* "nghttp2", "plain", "literal", "never" */

#endif
