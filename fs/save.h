/* fs/save.h - what becomes of a text when it is closed, synchronised or renamed: graph/saver.h does
 * it, this decides what it is, keeps the text and the version before, and answers those who wait.
 */
#pragma once

#include "fs/file.h"

/** The name of a family among the kept texts. */
const char *fs_save_folder(const struct graph_family *f);

/**
 * close(2), fsync(2): the text is saved, once for each change of it, and @req answered when that is
 * done: with 0, or with why not. Answers at once where there is nothing to do.
 */
void fs_save(struct fs *fs, fuse_req_t req, struct fs_file *f);

/** rename(2) of a local file over an item (or its hidden name). @exchange: the file gets the old
 * text of the item instead of going away. */
void fs_save_over(struct fs *fs, fuse_req_t req, struct fs_file *f, const struct fs_spot *target,
		  bool exchange);

/** rename(2) of a local file to a resource's name that is free. */
void fs_save_as(struct fs *fs, fuse_req_t req, struct fs_file *f, const struct fs_spot *target);

/** Whether a text is on its way to the item @ino. */
bool fs_saving(const struct fs *fs, uint64_t ino);

/** rename(2) of an item to another resource's name. */
void fs_save_name(struct fs *fs, fuse_req_t req, const struct fs_spot *item, const char *name);

/** unlink(2) of an item. */
void fs_save_delete(struct fs *fs, fuse_req_t req, const struct fs_spot *item);

/** The same, long after unlink(2) was answered. */
void fs_save_delete_later(struct fs *fs, struct graph_family *f, const char *id);

/** Answers whoever waits, keeps what was not sent, and stops. */
void fs_saves_done(struct fs *fs);
