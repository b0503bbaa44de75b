#include "fs/names.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"

static void encode_bytes(struct w365_buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w365_buf_addf(out, "%%%02X", (unsigned char)s[i]);
}

/* Whether the character at @s must be encoded. @n: how many bytes it has, 1 if it is no UTF-8. */
static bool must_encode(const char *s, size_t len, bool first, unsigned *n)
{
	uint32_t cp;

	*n = w365_utf8(s, len, &cp);
	if (!*n) {
		*n = 1;
		return true;
	}
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == '/' || cp == '%' ||
	       (cp == '.' && first);
}

void fs_name_encode(struct w365_buf *out, const char *s, size_t len)
{
	unsigned n;

	for (size_t i = 0; i < len; i += n) {
		if (must_encode(s + i, len - i, i == 0, &n))
			encode_bytes(out, s + i, n);
		else
			w365_buf_add(out, s + i, n);
	}
}

bool fs_name_is_plain(const char *s, size_t len)
{
	unsigned n;

	if (len > FS_STEM_MAX)
		return false;
	for (size_t i = 0; i < len; i += n) {
		n = 1;
		if (w365_is_alnum(s[i]) || s[i] == '-' || s[i] == ' ')
			continue; /* most are */
		if (must_encode(s + i, len - i, i == 0, &n))
			return false;
	}
	return true;
}

bool fs_name_decode(struct w365_buf *out, const char *stem, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (stem[i] != '%') {
			w365_buf_addc(out, stem[i]);
			continue;
		}
		if (len - i < 3)
			return false;
		high = w365_hex(stem[i + 1]);
		low = w365_hex(stem[i + 2]);
		if (high < 0 || low < 0)
			return false;
		w365_buf_addc(out, (char)(high << 4 | low));
		i += 2;
	}
	return true;
}

/* The length of the longest beginning of an encoded name that has at most @max bytes and cuts
 * neither a character nor a %XX. */
static size_t cut(const char *s, size_t len, size_t max)
{
	size_t at = 0;

	while (at < len) {
		size_t n = s[at] == '%' ? 3 : w365_utf8(s + at, len - at, NULL);

		if (at + n > max)
			break;
		at += n;
	}
	return at;
}

/* The length of the first @count characters; a %XX counts as one. */
static size_t first_chars(const char *s, size_t len, unsigned count)
{
	size_t at = 0;

	while (at < len && count--)
		at += s[at] == '%' ? 3 : w365_utf8(s + at, len - at, NULL);
	return at;
}

/* @head, cut where needed, and @tail behind it. */
static void join(struct w365_buf *out, const struct w365_buf *head, char between, const char *tail,
		 size_t tail_len)
{
	tail_len = cut(tail, tail_len, FS_STEM_MAX - 1);
	w365_buf_add(out, w365_buf_str(head),
		     cut(w365_buf_str(head), head->len, FS_STEM_MAX - 1 - tail_len));
	w365_buf_addc(out, between);
	w365_buf_add(out, tail, tail_len);
}

void fs_name_item(struct w365_buf *out, const char *name, size_t len, const char *id, size_t id_len,
		  enum fs_name_stage stage)
{
	_cleanup_(w365_buf_done) struct w365_buf head = W365_BUF, tail = W365_BUF;

	fs_name_encode(&head, len ? name : id, len ? len : id_len);
	if (stage == FS_NAME_ALONE && head.len <= FS_STEM_MAX) {
		w365_buf_add(out, w365_buf_str(&head), head.len);
		return;
	}
	fs_name_encode(&tail, id, id_len);
	join(out, &head, '~', w365_buf_str(&tail),
	     stage == FS_NAME_ID ? tail.len : first_chars(w365_buf_str(&tail), tail.len, 8));
}

void fs_name_log(struct w365_buf *out, int64_t seconds, const char *name, size_t len,
		 const char *id, size_t id_len, enum fs_name_stage stage)
{
	_cleanup_(w365_buf_done) struct w365_buf head = W365_BUF, tail = W365_BUF;
	int64_t s = ((seconds % 86400) + 86400) % 86400;

	w365_buf_addf(&head, "%02d%02d%02dZ-", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	fs_name_encode(&head, len ? name : "unknown", len ? len : strlen("unknown"));
	fs_name_encode(&tail, id, id_len);
	join(out, &head, '-', w365_buf_str(&tail),
	     stage == FS_NAME_ID ? tail.len : first_chars(w365_buf_str(&tail), tail.len, 8));
}
