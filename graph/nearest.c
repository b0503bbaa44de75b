#include "graph/nearest.h"
#include "base/macros.h"

#include <ctype.h>

#define WORD_MAX 64 /* longer ones are no slip of the finger */

/* Letters to add, take away, change or swap with their neighbour; capitals do not count. */
static unsigned distance(struct w365_span a, struct w365_span b)
{
	unsigned rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];

	for (unsigned k = 0; k <= b.len; k++)
		last[k] = k;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		now[0] = i;
		for (unsigned k = 1; k <= b.len; k++) {
			int x = tolower((unsigned char)a.p[i - 1]);
			int y = tolower((unsigned char)b.p[k - 1]);
			unsigned d = MIN(last[k], now[k - 1]) + 1;

			d = MIN(d, last[k - 1] + (x != y));
			if (i > 1 && k > 1 && x == tolower((unsigned char)b.p[k - 2]) &&
			    y == tolower((unsigned char)a.p[i - 2]))
				d = MIN(d, before[k - 2] + 1);
			now[k] = d;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b.len];
}

void graph_nearest_offer(struct graph_nearest *n, const char *name)
{
	struct w365_span other = { name, strlen(name) };
	unsigned d;

	if (n->word.len > WORD_MAX || other.len > WORD_MAX)
		return;
	d = distance(n->word, other);
	/* A third of the letters wrong is another word. */
	if (d > MAX(n->word.len, other.len) / 3 || (n->best && d >= n->distance))
		return;
	n->best = name;
	n->distance = d;
}
