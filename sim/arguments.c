#include "sim/arguments.h"

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"

static int syntax_error(const char *segment, struct w365_err *reterr)
{
	return w365_err_set(
		reterr, EINVAL,
		"The parameters in '%.150s' cannot be read: name='text' is expected, with commas "
		"between and quotes in the text doubled.",
		segment);
}

/* Reads 'text' at *@p, in place: what it says never grows. NULL: it is none. */
static const char *read_string(char **p)
{
	char *from = *p, *to = from;

	if (*from++ != '\'')
		return NULL;
	for (; *from; from++) {
		if (*from == '\'' && *++from != '\'') {
			const char *text = *p;

			*p = from;
			*to = '\0';
			return text;
		}
		*to++ = *from;
	}
	return NULL;
}

static const struct sim_param *param_of(const struct sim_operation *o, const char *name)
{
	for (size_t i = 0; i < o->param_count; i++)
		if (w365_streq(o->params[i].name, name))
			return &o->params[i];
	return NULL;
}

static int check_value(const struct sim_param *param, const char *value, enum sim_version version,
		       struct w365_err *reterr)
{
	struct w365_span name = { value, strlen(value) };
	const struct sim_member *member;

	if (param->type->kind != SIM_ENUM)
		return 0;
	member = sim_member_find(param->type, name);
	if (member && (member->versions & version) && !w365_streq(value, "unknownFutureValue"))
		return 0;
	return w365_err_set(reterr, EINVAL,
			    "The parameter '%s' has the value '%.80s', which is no member of "
			    "'microsoft.graph.%s'.",
			    param->name, value, param->type->name);
}

static int read_one(char **p, const char *segment, const struct sim_operation *o,
		    enum sim_version version, struct sim_arguments *a, struct w365_err *reterr)
{
	char *name = *p + strspn(*p, " "), *equals = strchr(name, '=');
	const struct sim_param *param;
	const char *value;

	if (!equals)
		return syntax_error(segment, reterr);
	*equals = '\0';
	*p = equals + 1;
	value = read_string(p);
	if (!value)
		return syntax_error(segment, reterr);
	param = param_of(o, name);
	if (!param)
		return w365_err_set(reterr, EINVAL, "'%.80s' is no parameter of '%s'.", name,
				    o->name);
	for (unsigned i = 0; i < a->count; i++)
		if (w365_streq(a->names[i], name))
			return w365_err_set(reterr, EINVAL, "The parameter '%s' is given twice.",
					    name);
	if (a->count == SIM_MAX_ARGUMENTS)
		return syntax_error(segment, reterr);
	a->names[a->count] = param->name;
	a->values[a->count++] = value;
	return check_value(param, value, version, reterr);
}

static int read_all(char *p, const char *segment, const struct sim_operation *o,
		    enum sim_version version, struct sim_arguments *a, struct w365_err *reterr)
{
	int r = 0;

	if (*p == ')' && !p[1])
		return 0;
	for (;;) {
		r = read_one(&p, segment, o, version, a, reterr);
		if (r < 0)
			return r;
		if (*p == ')' && !p[1])
			return 0;
		if (*p++ != ',')
			return syntax_error(segment, reterr);
	}
}

int sim_arguments_read(const char *segment, const struct sim_operation *o, enum sim_version version,
		       struct sim_arguments *ret, struct w365_err *reterr)
{
	const char *open = strchr(segment, '(');
	struct sim_arguments a = { 0 };
	int r = 0;

	if (open) {
		a.text = strdup(open + 1);
		if (!a.text)
			return w365_err_oom(reterr);
		r = read_all(a.text, segment, o, version, &a, reterr);
	}
	for (size_t i = 0; i < o->param_count && r == 0; i++) {
		bool given = false;

		for (unsigned k = 0; k < a.count; k++)
			given |= w365_streq(a.names[k], o->params[i].name);
		if (!given && o->params[i].required)
			r = w365_err_set(reterr, EINVAL, "The parameter '%s' of '%s' is required.",
					 o->params[i].name, o->name);
	}
	if (r < 0)
		sim_arguments_done(&a);
	else
		*ret = a;
	return r;
}

void sim_arguments_done(struct sim_arguments *a)
{
	free(a->text);
	*a = (struct sim_arguments){ 0 };
}

const char *sim_arguments_get(const struct sim_arguments *a, const char *name)
{
	for (unsigned i = 0; i < a->count; i++)
		if (w365_streq(a->names[i], name))
			return a->values[i];
	return "";
}
