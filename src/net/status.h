/* status.h: what headers and trailers say about the end of a call.  Pure. */
#ifndef STRAYLIGHT_NET_STATUS_H
#define STRAYLIGHT_NET_STATUS_H

#include <straylight/grpc.h>

#define STATUS_DETAILS_MAX 1024 /* details and violations that are read of one status */

/* The code for an HTTP status without gRPC's own (gRPC's http-grpc-status-mapping). */
enum grpc_code status_of_http(unsigned http);
/* The code for the error of a RST_STREAM (gRPC over HTTP/2, "Errors"). */
enum grpc_code status_of_reset(uint32_t http2_error);
/* grpc-status: a decimal number; UNKNOWN for what is not a code. */
enum grpc_code status_of_text(str);
/* grpc-message: percent-encoded UTF-8; what is not such an escape stands for itself. */
str status_unescape(str, struct arena *);

/* Base64 as in headers whose names end in "-bin": read with and without padding, written without. */
bool base64_read(str, struct buf *out);
void base64_write(str, struct buf *out);

#endif
