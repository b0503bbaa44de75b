/* base/err.h - a failure: a number for the kernel, a code for branching, a sentence for a person.
 */
#pragma once

#include <stdbool.h>

/** Fixed size, so that reporting a failure cannot itself fail. Zero-initialised means "no failure".
 */
struct w365_err {
	int num;       /* errno, positive: what the kernel will be told */
	int http;      /* HTTP status; 0 if no answer came */
	bool passing;  /* the same request may well succeed later: worth another try */
	bool unsent;   /* nothing of the request has left this machine: it was not carried out */
	char code[64]; /* the service's own word, "itemNotFound", "invalid_grant"; "" if the failure
			  is ours */
	char request[64]; /* the service's request id, for a support case; "" if there is none */
	char msg[768];    /* one line for a person: what is wrong, and the cure. Never a token or a
			     secret */
};

/**
 * Fills @err (which may be NULL) and returns -@num, so that callers write one line. Clears the
 * other members. Control characters in what is formatted become spaces: the sentence is always one
 * line.
 */
int w365_err_set(struct w365_err *err, int num, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** -ENOMEM, with its sentence. */
int w365_err_oom(struct w365_err *err);

/** "EACCES" for EACCES; "E?" for a number that has no name. Static. */
const char *w365_errno_name(int num);
