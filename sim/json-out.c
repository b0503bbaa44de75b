#include "sim/json-out.h"

#include <string.h>

#include "base/json.h"

static void lead(struct sim_json *j)
{
	if (j->some)
		w365_buf_addc(j->out, ',');
	j->some = true;
}

void sim_json_open(struct sim_json *j, char bracket)
{
	lead(j);
	w365_buf_addc(j->out, bracket);
	j->some = false;
}

void sim_json_close(struct sim_json *j, char bracket)
{
	w365_buf_addc(j->out, bracket);
	j->some = true;
}

void sim_json_key(struct sim_json *j, const char *key)
{
	lead(j);
	w365_json_quote(j->out, key, strlen(key));
	w365_buf_addc(j->out, ':');
	j->some = false;
}

void sim_json_str(struct sim_json *j, const char *s)
{
	if (!s) {
		sim_json_raw(j, "null");
		return;
	}
	lead(j);
	w365_json_quote(j->out, s, strlen(s));
}

void sim_json_int(struct sim_json *j, int64_t v)
{
	lead(j);
	w365_buf_addf(j->out, "%lld", (long long)v);
}

void sim_json_bool(struct sim_json *j, bool v)
{
	sim_json_raw(j, v ? "true" : "false");
}

void sim_json_raw(struct sim_json *j, const char *text)
{
	lead(j);
	w365_buf_adds(j->out, text);
}

void sim_json_pair(struct sim_json *j, const char *key, const char *s)
{
	sim_json_key(j, key);
	sim_json_str(j, s);
}

void sim_json_pair_int(struct sim_json *j, const char *key, int64_t v)
{
	sim_json_key(j, key);
	sim_json_int(j, v);
}

void sim_json_pair_bool(struct sim_json *j, const char *key, bool v)
{
	sim_json_key(j, key);
	sim_json_bool(j, v);
}

void sim_json_pair_raw(struct sim_json *j, const char *key, const char *text)
{
	sim_json_key(j, key);
	sim_json_raw(j, text);
}
