#include "call.h"

static void *in_arena(void *arena, size_t n)
{
	return arena_raw(arena, n, _Alignof(max_align_t));
}

static void not_freed(void *arena, void *p)
{
	(void)arena, (void)p;
}

ProtobufCAllocator arena_allocator(struct arena *a)
{
	return (ProtobufCAllocator){in_arena, not_freed, a};
}

void *call_unpack(struct call *c, const ProtobufCMessageDescriptor *type, str bytes)
{
	ProtobufCAllocator allocator = arena_allocator(&c->arena);
	void *message = protobuf_c_message_unpack(type, &allocator, bytes.n, (const uint8_t *)bytes.p);

	if (!message)
		call_finish(c, INVALID_ARGUMENT, "the request is no %s", type->name);
	return message;
}

str pack(struct arena *a, const ProtobufCMessage *message)
{
	size_t n = protobuf_c_message_get_packed_size(message);
	unsigned char *p = arena_raw(a, n + 1, 1);

	protobuf_c_message_pack(message, p);
	return str_of((char *)p, n);
}

static int sextet(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

Re__RequestMetadata *request_metadata_of(struct arena *a, str value)
{
	ProtobufCAllocator allocator = arena_allocator(a);
	uint8_t *bytes = arena_raw(a, value.n + 1, 1);
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (size_t i = 0; i < value.n && value.p[i] != '='; i++) {
		if (sextet(value.p[i]) < 0)
			return NULL;
		held = held << 6 | (unsigned)sextet(value.p[i]);
		bits += 6;
		if (bits >= 8)
			bytes[n++] = (uint8_t)(held >> (bits -= 8));
	}
	return n ? re__request_metadata__unpack(&allocator, n, bytes) : NULL;
}

Google__Protobuf__Any *any_of(struct arena *a, const ProtobufCMessage *message, const char *type)
{
	Google__Protobuf__Any *any = message_new(a, &google__protobuf__any__descriptor);
	str value = pack(a, message);

	any->type_url = str_fmt(a, "type.googleapis.com/%s", type).p;
	any->value = (ProtobufCBinaryData){value.n, (uint8_t *)(uintptr_t)value.p};
	return any;
}

bool digest_of_message(const Re__Digest *m, struct digest *out)
{
	if (!m || m->size_bytes < 0 || !hex_parse(str_c(m->hash), out->b, 32))
		return false;
	out->size = m->size_bytes;
	return true;
}

Re__Digest *digest_message(struct arena *a, const struct digest *d)
{
	Re__Digest *m = message_new(a, &re__digest__descriptor);
	char *hex = arena_raw(a, 65, 1);

	hex_of(d->b, 32, hex);
	m->hash = hex;
	m->size_bytes = d->size;
	return m;
}

bool call_digest(struct call *c, const Re__Digest *m, struct digest *out)
{
	if (digest_of_message(m, out))
		return true;
	call_finish(c, INVALID_ARGUMENT, "'%s' is no digest", m ? m->hash : "");
	return false;
}

bool call_fn(struct call *c, Re__DigestFunction__Value value, enum digest_fn *out)
{
	*out = value == RE__DIGEST_FUNCTION__VALUE__UNKNOWN ? DIGEST_SHA256 : (enum digest_fn)value;
	if (*out == DIGEST_SHA256 || (*out == DIGEST_BLAKE3 && c->server->like->blake3))
		return true;
	call_finish(c, INVALID_ARGUMENT, "digest function %d is not offered", (int)value);
	return false;
}

bool call_instance(struct call *c, const char *instance)
{
	if (str_eq(str_c(instance), str_c(c->server->options.instance)))
		return true;
	call_finish(c, c->server->like->wrong_instance, "there is no instance '%s'", instance);
	return false;
}
