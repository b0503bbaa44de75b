#include "fs/attr.h"
#include "base/macros.h"
#include "fs/file.h"
#include "fs/forbidden.h"
#include "fs/kept.h"
#include "fs/views.h"

#define NSEC 1000000000LL

/* glibc reads directories by as much as st_blksize, and the kernel passes the size on to us: with a
 * megabyte, 10,000 entries take 3 requests instead of 53. */
#define DIR_BLKSIZE  (1 << 20)
#define FILE_BLKSIZE 4096

/* @may: what the owner may, as an octal digit; the umask says who else may the same. */
static void common(struct fs *fs, uint64_t ino, mode_t type, mode_t may, struct stat *st)
{
	*st = (struct stat){
		.st_ino = ino,
		.st_mode = type | (may * 0111 & ~fs->config->umask),
		.st_nlink = 1,
		.st_uid = fs->config->uid,
		.st_gid = fs->config->gid,
		.st_blksize = FILE_BLKSIZE,
	};
}

static void set_times(struct stat *st, struct timespec t)
{
	st->st_mtim = st->st_ctim = st->st_atim = t;
}

void fs_attr_file(struct fs *fs, uint64_t ino, size_t len, int64_t modified_ns, unsigned may,
		  struct stat *st)
{
	common(fs, ino, S_IFREG, may, st);
	st->st_size = (off_t)len;
	st->st_blocks = (blkcnt_t)((len + 511) / 512);
	set_times(st, (struct timespec){ modified_ns / NSEC, modified_ns % NSEC });
}

void fs_attr_folder(struct fs *fs, uint64_t ino, struct timespec modified, struct stat *st)
{
	common(fs, ino, S_IFDIR, 7, st);
	set_times(st, modified); /* one link, as of a file: folders in it are not counted */
}

void fs_attr_group(struct fs *fs, uint64_t ino, time_t since, struct stat *st)
{
	common(fs, ino, S_IFDIR, 5, st);
	st->st_blksize = DIR_BLKSIZE;
	st->st_nlink = 2;
	set_times(st, (struct timespec){ .tv_sec = since });
}

void fs_attr_link(struct fs *fs, uint64_t ino, size_t len, int64_t modified_ns, struct stat *st)
{
	common(fs, ino, S_IFLNK, 7, st);
	st->st_mode = S_IFLNK | 0777; /* a link has no permissions to take away */
	st->st_size = (off_t)len;
	set_times(st, (struct timespec){ modified_ns / NSEC, modified_ns % NSEC });
}

static unsigned subdirectories(const struct fs_node *n)
{
	unsigned count = n->kind == FS_NODE_LOG ? GRAPH_LOG_DAYS : 0;

	for (const struct fs_node *c = n->children; c; c = c->next)
		count += fs_node_is_dir(c);
	return count;
}

/*
 * A directory's time: in its seconds, when the set of its names last changed. In its nanoseconds, a
 * number that goes on whenever the times that the kernel was given for its entries have run out:
 * the kernel then drops its cached listing and reads the directory again, a few requests that renew
 * all entries, instead of asking for each entry.
 */
static struct timespec listing_time(struct fs *fs, const struct fs_node *node,
				    const struct graph_family *f)
{
	struct graph_snapshot *snap = graph_family_snapshot(f);
	const struct fs_listing *l = snap ? fs_listing_of(snap) : NULL;
	time_t since = l ? l->since : 0;

	if (snap && node && node->kind == FS_NODE_VIEW)
		since = fs_view_since(node, snap);
	return (struct timespec){ since ? since : fs->started.tv_sec,
				  (long)(graph_family_epoch(f) % NSEC) };
}

void fs_attr_dir(struct fs *fs, uint64_t ino, const struct fs_place *p, struct stat *st,
		 uint64_t *ret_life_ms)
{
	const struct graph_family *refused = fs_forbidden(fs, p);
	struct timespec when = fs->started;
	uint64_t life = FS_FIXED_MS;
	mode_t may = refused ? 0 : fs_dir_takes_files(fs, ino) ? 7 : 5;

	if (fs_place_kept(p)) {
		fs_kept_attr(fs, ino, p, st);
		*ret_life_ms = 0;
		return;
	}
	common(fs, ino, S_IFDIR, may, st);
	st->st_blksize = DIR_BLKSIZE;
	/* One link, as of a file: how many groups a view has, is not asked for. */
	st->st_nlink = fs_place_view(p) ? 1 : 2 + (p->node ? subdirectories(p->node) : 0);
	if (p->family) {
		when = listing_time(fs, p->node, p->family);
		life = graph_family_life_ahead(p->family);
	} else if (p->node && p->node->kind == FS_NODE_LOG) {
		int64_t now = graph_loop_time(fs->loop);

		/* At midnight the listing moves on by a day. */
		when = (struct timespec){ now / 86400 * 86400, 0 };
		life = MIN(life, (uint64_t)(86400 - now % 86400) * 1000);
	}
	set_times(st, when);
	*ret_life_ms = refused ? graph_family_refusal_life(refused) : life;
}
