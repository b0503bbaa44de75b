#include "sim/body.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/macros.h"

#define BLOCK ((size_t)256 << 10)

/* A JSON list of exactly so many bytes: items of one length, and a last one for the rest. */
#define BIG_HEAD "{\"value\":["
#define BIG_ITEM                                                                                  \
	"{\"id\":\"0000000000000000\",\"displayName\":\"An item of a list that seems to have no " \
	"end\"},"
#define BIG_LAST "{\"id\":\"last\",\"displayName\":\""
#define BIG_TAIL "\"}]}"

enum {
	HEAD = sizeof(BIG_HEAD) - 1,
	ITEM = sizeof(BIG_ITEM) - 1,
	LAST = sizeof(BIG_LAST) - 1,
	TAIL = sizeof(BIG_TAIL) - 1,
};

struct big {
	uint64_t size, items;
};

static void copy_item(char *to, uint64_t n)
{
	memcpy(to, BIG_ITEM, ITEM);
	for (unsigned i = 0; i < 16; i++, n >>= 4)
		to[22 - i] = "0123456789abcdef"[n & 15];
}

/* What stands at @at: up to @max bytes of it. */
static size_t big_piece(const struct big *b, uint64_t at, char *to, size_t max)
{
	uint64_t list_end = HEAD + b->items * ITEM, pad_end = b->size - TAIL;
	char item[ITEM];
	const char *from;
	uint64_t begin, end;

	if (at < HEAD) {
		from = BIG_HEAD;
		begin = 0;
		end = HEAD;
	} else if (at < list_end) {
		copy_item(item, (at - HEAD) / ITEM);
		from = item;
		begin = HEAD + (at - HEAD) / ITEM * ITEM;
		end = begin + ITEM;
	} else if (at < list_end + LAST) {
		from = BIG_LAST;
		begin = list_end;
		end = list_end + LAST;
	} else if (at < pad_end) {
		max = MIN(max, pad_end - at);
		memset(to, '.', max);
		return max;
	} else {
		from = BIG_TAIL;
		begin = pad_end;
		end = b->size;
	}
	max = MIN(max, end - at);
	memcpy(to, from + (at - begin), max);
	return max;
}

static ssize_t read_big(void *cls, uint64_t at, char *to, size_t max)
{
	const struct big *b = cls;
	size_t n = 0;

	if (at >= b->size)
		return MHD_CONTENT_READER_END_OF_STREAM;
	while (n < max && at + n < b->size)
		n += big_piece(b, at + n, to + n, max - n);
	return (ssize_t)n;
}

static struct MHD_Response *big(const struct sim_reply *reply)
{
	struct big *b = malloc(sizeof(*b));
	uint64_t least = HEAD + LAST + TAIL;

	if (!b)
		return NULL;
	b->size = MAX(reply->size, least);
	b->items = (b->size - least) / ITEM;
	return MHD_create_response_from_callback(reply->chunked ? MHD_SIZE_UNKNOWN : b->size, BLOCK,
						 read_big, b, free);
}

struct cut {
	size_t len;
	char data[];
};

static ssize_t read_cut(void *cls, uint64_t at, char *to, size_t max)
{
	const struct cut *c = cls;
	size_t half = c->len / 2;

	if (at >= half)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	max = MIN(max, half - at);
	memcpy(to, c->data + at, max);
	return (ssize_t)max;
}

static struct MHD_Response *cut(const struct w365_buf *body)
{
	struct cut *c = malloc(sizeof(*c) + body->len);

	if (!c)
		return NULL;
	c->len = body->len;
	if (c->len)
		memcpy(c->data, body->data, c->len);
	return MHD_create_response_from_callback(c->len, BLOCK, read_cut, c, free);
}

static bool accepts_gzip(const struct sim_request *req)
{
	const char *p = req->accept_encoding;

	while (p && *p) {
		size_t n;

		p += strspn(p, ", \t");
		n = strcspn(p, ", \t;");
		if (n == 4 && strncasecmp(p, "gzip", n) == 0)
			return !w365_starts(p + n, ";q=0");
		p += strcspn(p, ",");
	}
	return false;
}

static bool pack(struct w365_buf *body)
{
	z_stream z = { .next_in = (unsigned char *)body->data, .avail_in = (unsigned)body->len };
	struct w365_buf out = W365_BUF;
	bool done;

	/* Fast rather than small: it is the client's unpacking that is to be tried. 31: with gzip's
	 * header. */
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	z.avail_out = (unsigned)deflateBound(&z, body->len);
	z.next_out = (unsigned char *)w365_buf_room(&out, z.avail_out);
	done = z.next_out && deflate(&z, Z_FINISH) == Z_STREAM_END;
	out.len = z.total_out;
	deflateEnd(&z);
	if (!done) {
		w365_buf_done(&out);
		return false;
	}
	w365_buf_done(body);
	*body = out;
	return true;
}

static struct MHD_Response *whole(struct w365_buf *body)
{
	size_t len = body->len;
	char *data = w365_buf_take(body);

	return data ? MHD_create_response_from_buffer_with_free_callback(len, data, free) : NULL;
}

static void add_date(const struct sim *s, struct MHD_Response *response)
{
	time_t now = sim_now(s);
	struct tm tm;
	char text[40];

	if (gmtime_r(&now, &tm) && strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm))
		MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, text);
}

struct MHD_Response *sim_body_response(const struct sim *s, const struct sim_request *req,
				       struct sim_reply *reply, uint64_t *ret_bytes)
{
	bool packed = s->config.gzip && reply->body.len && reply->delivery != SIM_BIG &&
		      accepts_gzip(req) && pack(&reply->body);
	struct MHD_Response *r;

	*ret_bytes = reply->body.len;
	switch (reply->delivery) {
	case SIM_BIG:
		*ret_bytes = reply->size;
		r = big(reply);
		break;
	case SIM_CUT:
		*ret_bytes /= 2;
		r = cut(&reply->body);
		break;
	default: r = whole(&reply->body); break;
	}
	if (!r)
		return NULL;
	add_date(s, r);
	for (unsigned i = 0; i < reply->header_count; i++)
		if (strcasecmp(reply->headers[i].name, "Content-Type") != 0)
			MHD_add_response_header(r, reply->headers[i].name, reply->headers[i].value);
	if (reply->content_type)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
	if (packed)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	return r;
}
