/* Blanking secrets in a text that may be no JSON: somebody has left out a quote, and the text was
 * refused for that very reason. In doubt too much is blanked. */
#include "base/str.h"
#include "graph/plan.h"

#include <ctype.h>
#include <stdint.h>

static char *skip_space(char *p, char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p;
}

/* The quote that closes a string, on whatever line; the end if there is none. */
static char *string_end(char *p, char *end, char quote)
{
	for (; p < end && *p != quote; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p;
}

/* What is behind an array or object, whatever is in it; the end if it is not closed. */
static char *container_end(char *p, char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '"' || *p == '\'') {
			p = string_end(p + 1, end, *p);
			if (p == end)
				break;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if ((*p == '}' || *p == ']') && --depth == 0) {
			return p + 1;
		}
	}
	return end;
}

/* What is behind a value without quotes: a number or a word of JSON, else the whole line. */
static char *bare_end(char *p, char *end)
{
	struct w365_span name;
	char *word = p, *line;

	while (word < end && (isalnum((unsigned char)*word) || memchr("+-.", *word, 3)))
		word++;
	name = (struct w365_span){ p, (size_t)(word - p) };
	if (w365_is_digit(*p) || *p == '-' || w365_span_is(name, "true") ||
	    w365_span_is(name, "false"))
		return word;
	line = memchr(p, '\n', (size_t)(end - p));
	return line ? line : end;
}

/* One character of a name, perhaps written as \u0061; what is behind it, or NULL if it is another. */
static char *match_char(char *p, char *end, char c)
{
	unsigned v = 0;

	if (p < end && *p != '\\')
		return tolower((unsigned char)*p) == tolower((unsigned char)c) ? p + 1 : NULL;
	if (end - p < 6 || p[1] != 'u')
		return NULL;
	for (unsigned i = 2; i < 6; i++) {
		if (w365_hex(p[i]) < 0)
			return NULL;
		v = v << 4 | (unsigned)w365_hex(p[i]);
	}
	return v < 0x80 && tolower((int)v) == tolower((unsigned char)c) ? p + 6 : NULL;
}

/* Where the value of the member @name begins, if its key is at @p; else NULL. */
static char *match_key(char *p, char *end, const char *name)
{
	for (; p && *name; name++)
		p = match_char(p, end, *name);
	if (!p)
		return NULL;
	if (p < end && *p == '\\') /* JSON in a string */
		p++;
	if (p < end && (*p == '"' || *p == '\''))
		p++;
	p = skip_space(p, end);
	return p < end && (*p == ':' || *p == '=') ? skip_space(p + 1, end) : NULL;
}

/* What is to go of the value at @p; a value without quotes of its own gets them. */
struct blank {
	char *from, *to;
	bool bare;
};

static bool is_null(const char *p, const char *end)
{
	return end - p >= 4 && memcmp(p, "null", 4) == 0 &&
	       (end - p == 4 || !isalnum((unsigned char)p[4]));
}

static struct blank blank_of(char *p, char *end)
{
	if (p == end || memchr(",}]", *p, 3) || is_null(p, end))
		return (struct blank){ p, p, false };
	if (*p == '"' || *p == '\'')
		return (struct blank){ p + 1, string_end(p + 1, end, *p), false };
	if (*p == '{' || *p == '[')
		return (struct blank){ p, container_end(p, end), true };
	return (struct blank){ p, bare_end(p, end), true };
}

static bool mask(char *text, size_t *len, const char *name)
{
	char *end = text + *len, *to = text;
	bool some = false;

	for (char *p = text; p < end;) {
		bool begins = p == text || (!isalnum((unsigned char)p[-1]) && p[-1] != '_');
		char *value = begins ? match_key(p, end, name) : NULL;
		struct blank b;

		if (!value) {
			*to++ = *p++;
			continue;
		}
		b = blank_of(value, end);
		memmove(to, p, (size_t)(b.from - p));
		to += b.from - p;
		some = some || b.to > b.from;
		for (unsigned i = 0; b.bare && i < 2 && b.from + i < b.to; i++)
			*to++ = '"';
		p = b.to;
	}
	explicit_bzero(to, (size_t)(end - to));
	*len = (size_t)(to - text);
	return some;
}

static bool is_secret(const struct graph_property *p)
{
	return p->access == GRAPH_WRITE_ONLY || (p->flags & GRAPH_SECRET);
}

bool graph_text_mask(char *text, size_t *len)
{
	bool some = false;

	for (unsigned i = 0; i < graph_n_types; i++)
		for (unsigned k = 0; k < graph_types[i]->n_properties; k++)
			if (is_secret(&graph_types[i]->properties[k]))
				some |= mask(text, len, graph_types[i]->properties[k].name);
	return some;
}
