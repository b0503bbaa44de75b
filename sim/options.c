#include "sim/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

enum kind { FLAG, TEXT, NUMBER, TIME };

static const struct {
	const char *name;
	const char *argument; /* NULL: none */
	enum kind kind;
	size_t offset;
	const char *help;
} table[] = {
#define OPTION(name, argument, kind, member, help)                               \
	{                                                                        \
		name, argument, kind, offsetof(struct sim_options, member), help \
	}
	OPTION("listen", "HOST:PORT", TEXT, listen,
	       "answer on this address; port 0 takes a free one"),
	OPTION("unix", "PATH", TEXT, unix_path, "answer on this socket instead"),
	OPTION("tls-cert", "FILE", TEXT, tls_cert,
	       "PEM certificate; without it plain HTTP, on loopback alone"),
	OPTION("tls-key", "FILE", TEXT, tls_key, "PEM key of that certificate"),
	OPTION("public-url", "URL", TEXT, public_url,
	       "how the outside calls this simulator, if not by its address"),
	OPTION("env", "FILE", TEXT, env, "write shell exports there when ready to answer"),
	OPTION("cloud-pcs", "N", NUMBER, cloud_pcs, "so many Cloud PCs; default 60"),
	OPTION("seed", "N", NUMBER, seed, "of the tenant; default 1"),
	OPTION("now", "TIME", TIME, today,
	       "what its dates are counted from; default today, 00:00 UTC"),
	OPTION("page-size", "N", NUMBER, page_size, "items on a page; default 1000"),
	OPTION("latency", "MS", NUMBER, latency_ms, "wait so long before each answer"),
	OPTION("speed", "N", NUMBER, speed,
	       "let what goes on after answers go so many times faster; 0: only by hooks"),
	OPTION("client-cert", "FILE", TEXT, client_cert,
	       "PEM certificate of the application CERT_CLIENT_ID"),
	OPTION("roles", "ROLES", TEXT, roles,
	       "the applications' permissions; default \"CloudPC.Read.All CloudPC.ReadWrite.All\""),
	OPTION("arc-keys", "DIR", TEXT, arc_keys,
	       "be an Azure Arc machine, whose key files are there"),
	OPTION("scenario", "FILE", TEXT, scenario,
	       "hooks to run first, one a line: METHOD /_sim/... [BODY]"),
	OPTION("odd", NULL, FLAG, odd,
	       "send what clients must survive: dates of the year 1, unknown members, other cases"),
	OPTION("gzip", NULL, FLAG, gzip, "compress answers for who accepts that"),
	OPTION("quiet", NULL, FLAG, quiet, "no line on stderr for each request"),
	OPTION("help", NULL, FLAG, help, "this text"),
	OPTION("version", NULL, FLAG, version, "the version"),
#undef OPTION
};

static int store(struct sim_options *o, size_t i, const char *value, struct w365_err *reterr)
{
	void *at = (char *)o + table[i].offset;
	struct timespec time;
	int64_t days;

	switch (table[i].kind) {
	case FLAG: *(bool *)at = true; return 0;
	case TEXT: *(const char **)at = value; return 0;
	case NUMBER:
		if (w365_parse_u64(value, at))
			return 0;
		return w365_err_set(reterr, EINVAL, "--%s %.100s: a number is expected",
				    table[i].name, value);
	default:
		if (w365_date_parse(value, &days))
			*(time_t *)at = (time_t)days * 86400;
		else if (w365_time_parse(value, strlen(value), &time))
			*(time_t *)at = time.tv_sec;
		else
			return w365_err_set(
				reterr, EINVAL,
				"--%s %.100s: a time such as 2026-11-22T09:30:00Z is expected",
				table[i].name, value);
		return 0;
	}
}

static int read_one(struct sim_options *o, int argc, char **argv, int *i, struct w365_err *reterr)
{
	const char *arg = argv[*i], *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);

	for (size_t k = 0; len > 2 && w365_starts(arg, "--") && k < ARRAY_SIZE(table); k++) {
		if (!w365_span_is((struct w365_span){ arg + 2, len - 2 }, table[k].name))
			continue;
		if (!table[k].argument)
			return equals ? w365_err_set(reterr, EINVAL, "--%s takes no argument",
						     table[k].name)
				      : store(o, k, NULL, reterr);
		if (equals)
			return store(o, k, equals + 1, reterr);
		if (*i + 1 == argc)
			return w365_err_set(reterr, EINVAL, "--%s wants %s", table[k].name,
					    table[k].argument);
		return store(o, k, argv[++*i], reterr);
	}
	return w365_err_set(reterr, EINVAL, "unknown argument '%.100s'; see --help", arg);
}

static int check(const struct sim_options *o, struct w365_err *reterr)
{
	if (!o->listen == !o->unix_path)
		return w365_err_set(reterr, EINVAL,
				    "either --listen HOST:PORT or --unix PATH; see --help");
	if (!o->tls_cert != !o->tls_key)
		return w365_err_set(reterr, EINVAL, "--tls-cert and --tls-key belong together");
	if (o->unix_path && o->tls_cert)
		return w365_err_set(reterr, EINVAL, "no TLS on a Unix socket");
	if (!o->page_size)
		return w365_err_set(reterr, EINVAL, "--page-size 0: a page has at least one item");
	if (o->cloud_pcs > 1000000)
		return w365_err_set(reterr, EINVAL, "--cloud-pcs: at most 1000000");
	return 0;
}

int sim_options_read(int argc, char **argv, struct sim_options *ret, struct w365_err *reterr)
{
	struct sim_options o = { .cloud_pcs = 60,
				 .seed = 1,
				 .page_size = 1000,
				 .speed = 1,
				 .today = time(NULL) / 86400 * 86400,
				 .roles = "CloudPC.Read.All CloudPC.ReadWrite.All" };
	int r = 0;

	for (int i = 1; i < argc && r == 0; i++)
		r = read_one(&o, argc, argv, &i, reterr);
	if (r == 0 && !o.help && !o.version)
		r = check(&o, reterr);
	*ret = o;
	return r;
}

void sim_options_help(void)
{
	puts("w365sim - a Windows 365 tenant in a box: Microsoft Entra ID and Microsoft Graph, "
	     "simulated\n\n"
	     "    w365sim --listen 127.0.0.1:8443 --tls-cert FILE --tls-key FILE [OPTION...]\n"
	     "    w365sim --listen 127.0.0.1:8080 [OPTION...]\n"
	     "    w365sim --unix PATH [OPTION...]\n\n"
	     "Prints 'ready URL' on stdout once it answers. Ends at SIGINT and SIGTERM.\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		printf("  --%s%s%-*s %s\n", table[i].name, table[i].argument ? " " : "",
		       (int)(23 - strlen(table[i].name) - (table[i].argument ? 1 : 0)),
		       table[i].argument ? table[i].argument : "", table[i].help);
}
