#include "graph/lines.h"
#include "base/macros.h"

#include <errno.h>

void graph_lines_feed(struct graph_lines *l, const char *p, size_t len)
{
	l->p = p;
	l->end = p + len;
}

static int add(struct graph_lines *l, size_t n, struct w365_err *reterr)
{
	if (l->given)
		w365_buf_reset(&l->rest);
	l->given = false;
	if (n > GRAPH_LINE_MAX - l->rest.len)
		return w365_err_set(reterr, EINVAL,
				    "a line is longer than %zu KiB: no command is as long as that",
				    GRAPH_LINE_MAX >> 10);
	if (memchr(l->p, '\0', n))
		return w365_err_set(reterr, EINVAL,
				    "a line holds a NUL byte: control files take lines of text");
	w365_buf_add(&l->rest, l->p, n);
	l->p += n;
	return l->rest.failed ? w365_err_oom(reterr) : 0;
}

static int give(struct graph_lines *l, struct w365_span *ret)
{
	l->given = true;
	*ret = (struct w365_span){ w365_buf_str(&l->rest), l->rest.len };
	return 1;
}

int graph_lines_next(struct graph_lines *l, struct w365_span *ret, struct w365_err *reterr)
{
	size_t left = (size_t)(l->end - l->p);
	const char *eol = left ? memchr(l->p, '\n', left) : NULL;
	int r;

	if (!left)
		return 0;
	r = add(l, eol ? (size_t)(eol - l->p) : left, reterr);
	if (r < 0 || !eol)
		return r;
	l->p++;
	return give(l, ret);
}

int graph_lines_rest(struct graph_lines *l, struct w365_span *ret, struct w365_err *reterr)
{
	if (l->rest.failed)
		return w365_err_oom(reterr);
	return l->given || !l->rest.len ? 0 : give(l, ret);
}

void graph_lines_done(struct graph_lines *l)
{
	w365_buf_done(&l->rest);
	l->p = l->end = NULL;
	l->given = false;
}
