/* tests/fuse/property-keep.h - what must be in rejected/ and history/. */
#pragma once

#include "tests/fuse/property.h"

/** A version was replaced. */
void keep_history(const char *text);

/** The client cannot know whether the version that @it has was replaced: it may be kept. */
void keep_maybe(const struct item *it);

/** The text of @f was refused, on its way to be @name: in the place of its former entry. */
void keep_rejected(struct mf *f, const char *name);

/** It was accepted in the end. */
void keep_forget(struct mf *f);

/** Compares with what is on the disk. */
void keep_check(void);

/** Removes all of it, here and there; with @all also what is in saving/ (of a mount that has ended). */
void keep_clear(void);

/** The number of texts that are in the middle of being written. */
unsigned keep_saving(void);
