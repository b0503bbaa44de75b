#include "sim/rng.h"

#include "base/str.h"

/* splitmix64 */
uint64_t sim_rng_next(struct sim_rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

struct sim_rng sim_rng(uint64_t seed, const char *domain, uint64_t index)
{
	struct sim_rng first = { w365_hash(domain, strlen(domain), seed) ^
				 index * 0xd6e8feb86659fd93u };

	/* Through the mixer once: neighbours that differ by the step would give shifted copies of
	 * one stream. */
	return (struct sim_rng){ sim_rng_next(&first) };
}

unsigned sim_rng_below(struct sim_rng *r, unsigned n)
{
	return (unsigned)((sim_rng_next(r) >> 32) * n >> 32);
}

int sim_rng_between(struct sim_rng *r, int low, int high)
{
	return low + (int)sim_rng_below(r, (unsigned)(high - low + 1));
}

bool sim_rng_percent(struct sim_rng *r, unsigned percent)
{
	return sim_rng_below(r, 100) < percent;
}

static void hex(char *out, uint64_t v, unsigned digits)
{
	while (digits--) {
		out[digits] = "0123456789abcdef"[v & 15];
		v >>= 4;
	}
}

void sim_rng_guid(struct sim_rng *r, char out[37])
{
	uint64_t a = sim_rng_next(r), b = sim_rng_next(r);

	a = (a & ~(uint64_t)0xf000) | 0x4000;
	b = (b & ~((uint64_t)3 << 62)) | (uint64_t)2 << 62;
	hex(out, a >> 32, 8);
	hex(out + 9, a >> 16, 4);
	hex(out + 14, a, 4);
	hex(out + 19, b >> 48, 4);
	hex(out + 24, b, 12);
	out[8] = out[13] = out[18] = out[23] = '-';
	out[36] = '\0';
}

const char *sim_guid(uint64_t seed, const char *domain, uint64_t index, char out[37])
{
	struct sim_rng r = sim_rng(seed, domain, index);

	/* One step away from the numbers that sim_rng() gives for the same thing. */
	r.state ^= 0xa5a5a5a5a5a5a5a5u;
	sim_rng_guid(&r, out);
	return out;
}
