/* fs/job.h - the lines of one write(2) to a control file: read, checked, sent, followed.
 *
 * All of them are checked before any is sent: if one is wrong, none is. The write is answered when
 * the service has answered them all (and, where a line says wait=, when what it asked for has come to
 * its end): with the first failure, if there was one.
 */
#pragma once

#include "fs/control.h"

/** Takes what was written; @req is answered when all its whole lines are dealt with. */
void fs_job_write(struct fs *fs, fuse_req_t req, struct fs_writing *w, const char *buf,
		  size_t size);

/** The line that has no end, if there is one. @req is NULL if nobody waits. */
void fs_job_rest(struct fs *fs, fuse_req_t req, struct fs_writing *w);

/** Answers whoever waits. What was not sent is not sent; what is on the wire is recorded as unknown.
 */
void fs_jobs_done(struct fs *fs);
