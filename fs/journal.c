#include "fs/journal.h"
#include "base/macros.h"
#include "fs/keep.h"
#include "fs/save.h"
#include "graph/plan.h"

#include <errno.h>
#include <string.h>

/* Writes the text without its passwords, durably. */
static int write_masked(const struct fs_file *f, struct fs_wip *w)
{
	_cleanup_(w365_buf_done) struct w365_buf masked = W365_BUF_SECRET;
	size_t len = f->text.len;
	int r;

	w365_buf_add(&masked, f->text.data, len);
	if (masked.failed)
		return -ENOMEM;
	if (len)
		graph_text_mask(masked.data, &len);
	r = fs_wip_write(w, masked.data, len, 0);
	return r < 0 ? r : fs_wip_sync(w);
}

static int by_name(struct fs *fs, struct fs_file *f, const struct graph_family *family,
		   const char *name, struct w365_err *reterr)
{
	struct fs_wip *w;
	int r = fs_wip_new(fs->keep, fs_save_folder(family), name, &w, reterr);

	if (r < 0)
		return r;
	r = write_masked(f, w);
	fs_wip_free(r < 0 ? w : f->wip, false);
	if (r == 0)
		f->wip = w;
	return r;
}

int fs_journal(struct fs *fs, struct fs_file *f, const struct graph_family *family,
	       const char *name, struct w365_err *reterr)
{
	int r;

	if (!f->wip || !fs_wip_is(f->wip, fs_save_folder(family), name)) {
		r = by_name(fs, f, family, name, reterr);
	} else if (graph_holds_secrets(graph_family_collection(family))) {
		r = fs_wip_truncate(f->wip, 0);
		if (r == 0)
			r = write_masked(f, f->wip);
	} else {
		r = fs_wip_sync(f->wip);
	}
	return r < 0 ? w365_err_set(reterr, -r, "cannot keep a copy of the text in %s: %s",
				    fs->config->keep, strerror(-r))
		     : 0;
}
