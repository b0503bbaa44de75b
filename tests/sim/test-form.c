/* Forms, queries and word lists: what is read, and what is refused. */
#include "sim/form.h"
#include "sim/words.h"
#include "tests/lib/check.h"

static const struct {
	const char *why, *text;
	int result; /* pairs, or -1: refused */
	const char *name, *value;
} forms[] = {
	{ "nothing", "", 0, NULL, NULL },
	{ "one pair", "a=b", 1, "a", "b" },
	{ "an empty value", "a=", 1, "a", "" },
	{ "a second pair", "a=b&c=d", 2, "c", "d" },
	{ "an equals sign in a value", "a=b=c", 1, "a", "b=c" },
	{ "percent codes of either case", "a=%7e%2F%C3%BC", 1, "a", "~/\xc3\xbc" },
	{ "a code at the very end", "a=x%41", 1, "a", "xA" },
	{ "a plus is a space", "a=b+c", 1, "a", "b c" },
	{ "a coded plus is a plus", "a=b%2Bc", 1, "a", "b+c" },
	{ "a coded ampersand separates nothing", "a=b%26c%3Dd", 1, "a", "b&c=d" },
	{ "names are decoded too", "%24top=5", 1, "$top", "5" },
	{ "no equals sign", "a", -1, NULL, NULL },
	{ "no equals sign in the second", "a=b&c", -1, NULL, NULL },
	{ "no name", "=b", -1, NULL, NULL },
	{ "an empty pair", "a=b&&c=d", -1, NULL, NULL },
	{ "an ampersand at the end", "a=b&", -1, NULL, NULL },
	{ "half a code", "a=%4", -1, NULL, NULL },
	{ "a percent sign alone", "a=100%", -1, NULL, NULL },
	{ "no hexadecimal digits", "a=%zz", -1, NULL, NULL },
	{ "a coded NUL", "a=b%00c", -1, NULL, NULL },
	{ "a name twice", "a=b&a=c", -1, NULL, NULL },
	{ "a name twice, spelt differently", "a=b&%61=c", -1, NULL, NULL },
};

static void check_forms(void)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct sim_form f = { 0 };
		struct w365_err err = { 0 };
		struct w365_span text = { forms[i].text, strlen(forms[i].text) };
		int r = sim_form_parse(text, &f, &err);

		CHECK_INT(forms[i].why, r < 0 ? -1 : (int)f.count, forms[i].result);
		if (forms[i].name)
			CHECK_STR(forms[i].why, sim_form_get(&f, forms[i].name), forms[i].value);
		if (r < 0)
			CHECK(err.msg, strstr(err.msg, "position") != NULL);
		sim_form_done(&f);
	}
}

static void check_bytes(void)
{
	struct sim_form f = { 0 };
	struct w365_err err;

	CHECK("a raw NUL is refused",
	      sim_form_parse((struct w365_span){ "a=b\0c", 5 }, &f, &err) < 0);
	CHECK("only as many bytes as told",
	      sim_form_parse((struct w365_span){ "a=b&c=d", 3 }, &f, &err) == 0);
	CHECK_INT("are read", f.count, 1);
	CHECK("what is not there is NULL", sim_form_get(&f, "c") == NULL);
	sim_form_done(&f);
}

static void check_words(void)
{
	CHECK("a word alone", sim_has_word("one", "one"));
	CHECK("the first", sim_has_word("one two", "one"));
	CHECK("the last", sim_has_word("one two", "two"));
	CHECK("not a part of a word", !sim_has_word("CloudPC.ReadWrite.All", "CloudPC.Read"));
	CHECK("not the end of a word", !sim_has_word("xone two", "one"));
	CHECK("a part before the word itself", sim_has_word("oneone one", "one"));
	CHECK("nothing is in nothing", !sim_has_word("", "one"));
	CHECK("nothing is nowhere", !sim_has_word("one two", ""));
}

int main(void)
{
	check_forms();
	check_bytes();
	check_words();
	return check_summary();
}
