/* Which part of the service is shown: the own Cloud PCs alone, or more than those of the tenant. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/options.h"

#include <errno.h>

/* The bit of the word at @p; 0: it is none. */
static unsigned bit_of(struct w365_span word)
{
	for (unsigned i = 0; graph_with[i]; i++)
		if (w365_span_is(word, graph_with[i]))
			return 1U << i;
	return 0;
}

bool fs_options_is_with(const char *word)
{
	return bit_of((struct w365_span){ word, strlen(word) }) != 0;
}

void fs_options_with_words(struct w365_buf *out, const char *separator)
{
	for (unsigned i = 0; graph_with[i]; i++)
		w365_buf_addf(out, "%s%s", i ? separator : "", graph_with[i]);
}

static int bad_word(struct w365_span word, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf known = W365_BUF;

	fs_options_with_words(&known, ", ");
	return w365_err_set(reterr, EINVAL, "-o with=%.*s is not known: it is one or more of %s",
			    (int)MIN(word.len, 60), word.p, w365_buf_str(&known));
}

static int read_with(const char *list, unsigned *ret, struct w365_err *reterr)
{
	static const char separators[] = ", ";

	*ret = 0;
	for (const char *p = list; p && *(p += strspn(p, separators));) {
		struct w365_span word = { p, strcspn(p, separators) };
		unsigned bit = bit_of(word);

		if (!bit)
			return bad_word(word, reterr);
		*ret |= bit;
		p += word.len;
	}
	return 0;
}

static bool from_file(const struct fs_options *o, const char *name)
{
	const char *source = fs_options_source(o, name);

	return source && !w365_streq(source, FS_OPTIONS_LINE);
}

int fs_options_part(const struct fs_options *o, struct graph_part *ret, struct w365_err *reterr)
{
	bool no = o->me && w365_streq(o->me, "no");
	int r;

	if (o->api && !w365_streq(o->api, "beta") && !w365_streq(o->api, "v1.0"))
		return w365_err_set(reterr, EINVAL, "--api=%.40s is not known: it is beta or v1.0",
				    o->api);
	if (o->me && !no && !w365_streq(o->me, "yes") && (*o->me || from_file(o, "me")))
		return w365_err_set(reterr, EINVAL, "me is yes or no, and not '%.40s'", o->me);
	*ret = (struct graph_part){
		.version = o->api && w365_streq(o->api, "v1.0") ? GRAPH_V1 : GRAPH_BETA,
		.own = o->me && !no,
	};
	r = read_with(o->with, &ret->with, reterr);
	if (ret->own && from_file(o, "with") && !from_file(o, "me"))
		ret->with = 0; /* what holds for every mount, does not for this one */
	if (r == 0 && ret->own && ret->with)
		return w365_err_set(reterr, EINVAL,
				    "-o me shows one's own Cloud PCs and nothing else: leave -o "
				    "with=%.60s away, which is for administrators",
				    o->with);
	return r;
}
