/* Names: whatever is encoded decodes to what it was, and is a name that a directory can hold. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "fs/names.h"
#include "fs/options.h"
#include "tests/fuzz/demand.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf stem = W365_BUF, back = W365_BUF, text = W365_BUF;
	const char *s = (const char *)data;
	struct fs_options o;
	struct w365_err err;
	struct timespec ts;

	fs_name_encode(&stem, s, size);
	demand(!memchr(w365_buf_str(&stem), '/', stem.len) &&
	       !memchr(w365_buf_str(&stem), '\0', stem.len));
	demand(fs_name_decode(&back, w365_buf_str(&stem), stem.len));
	demand(back.len == size && (!size || memcmp(back.data, s, size) == 0));
	demand(fs_name_is_plain(s, size) == (stem.len == size && size <= FS_STEM_MAX));
	w365_buf_reset(&back);
	fs_name_decode(&back, s, size);

	for (int stage = FS_NAME_ALONE; stage <= FS_NAME_ID; stage++) {
		w365_buf_reset(&stem);
		fs_name_item(&stem, s, size / 2, s + size / 2, size - size / 2, stage);
		demand(stem.len <= FS_STEM_MAX && !memchr(w365_buf_str(&stem), '/', stem.len));
		w365_buf_reset(&stem);
		fs_name_log(&stem, (int64_t)size * 12345 - 99999, s, size / 2, s + size / 2,
			    size - size / 2, stage);
		demand(stem.len <= FS_STEM_MAX);
	}
	w365_time_parse(s, size, &ts);

	w365_buf_add(&text, s, size);
	fs_options_init(&o);
	fs_options_mount(&o, w365_buf_str(&text), &err);
	fs_options_done(&o);
	return 0;
}
