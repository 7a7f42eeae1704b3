/* base.h: bytes, names, places and complaints.
 *
 * The lowest layer: everything may include it, and it includes nothing of ours.  One header per noun
 * under base/; this file is the face that other layers include. */
#ifndef STRAYLIGHT_BASE_H
#define STRAYLIGHT_BASE_H

#include <straylight/base/mem.h>
#include <straylight/base/str.h>
#include <straylight/base/buf.h>
#include <straylight/base/vec.h>
#include <straylight/base/map.h>
#include <straylight/base/intern.h>
#include <straylight/base/blob.h>
#include <straylight/base/source.h>
#include <straylight/base/diag.h>
#include <straylight/base/digest.h>
#include <straylight/base/cbor.h>
#include <straylight/base/json.h>
#include <straylight/base/utf8.h>
#include <straylight/base/os.h>
#include <straylight/base/pool.h>
#include <straylight/base/stack.h>

#endif
