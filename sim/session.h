/* sim/session.h - what Entra ID remembers of people's sign-ins: browsers, codes, device codes,
 * refresh tokens, and the policies that a hook has ordered against them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_app;
struct sim_user;

#define SIM_CODE_LIFE    600
#define SIM_DEVICE_LIFE  900
#define SIM_REFRESH_LIFE (90 * 86400)

/** Somebody's sign-in at an application. The strings are owned. */
struct sim_sign_in {
	struct sim_app *app;
	const struct sim_user *user;
	char *scope;       /* the scopes asked for, words */
	char *nonce;       /* for the id token, or NULL */
	uint64_t serial;   /* of the interactive sign-in */
	bool device;       /* by device code: marked through every refresh */
	bool confidential; /* the redirect URI is one of a web application */
	bool spa;
};

/** An authorization code. */
struct sim_code {
	char text[64];
	struct sim_sign_in sign_in;
	char *redirect, *challenge; /* challenge NULL: no PKCE */
	bool s256, used;
	char tenant[64];
	int64_t until;
};

enum sim_device_state {
	SIM_DEVICE_PENDING,
	SIM_DEVICE_APPROVED,
	SIM_DEVICE_DECLINED,
	SIM_DEVICE_USED
};

struct sim_device {
	char user_code[12], device_code[64];
	struct sim_sign_in sign_in; /* without a user until it is approved */
	enum sim_device_state state;
	char tenant[64];
	int64_t until;
	uint64_t asked_ms; /* when it was last asked for; 0: never */
	unsigned wait;     /* seconds */
};

struct sim_refresh {
	char text[64];
	struct sim_sign_in sign_in;
	int64_t issued;
	uint64_t number;
};

/** A browser in which somebody is signed in: its cookie. */
struct sim_browser {
	char cookie[64];
	const struct sim_user *user;
};

/** A failure ordered for a grant: as Conditional Access, security defaults and administrators make
 * them. */
struct sim_block {
	char grant[24]; /* "any", or one grant's name */
	unsigned code;
	uint64_t
		serial; /* sign-ins up to this one fall under a policy that interaction satisfies */
};

/** Zero-initialised is empty, but for device_wait. */
struct sim_sessions {
	struct sim_code *codes;
	struct sim_device *devices;
	struct sim_refresh *refreshes;
	struct sim_browser *browsers;
	struct sim_block *policies;
	size_t code_count, device_count, refresh_count, browser_count, policy_count;
	unsigned device_wait;    /* seconds between two questions for a device code */
	uint64_t serial;         /* of the newest interactive sign-in */
	uint64_t refresh_number; /* of the newest refresh token */
	uint64_t revoked;        /* refresh tokens up to this number are refused... */
	unsigned revoked_code;   /* ...with this AADSTS number */
};

void sim_sessions_done(struct sim_sessions *s);

/** New elements, zeroed but for their texts, which are random. NULL if there is no memory. What has
 * run out before @now goes. The pointer is good until the next call. */
struct sim_code *sim_code_new(struct sim_sessions *s, int64_t now);
struct sim_device *sim_device_new(struct sim_sessions *s, int64_t now);
struct sim_refresh *sim_refresh_new(struct sim_sessions *s, int64_t now);
struct sim_browser *sim_browser_new(struct sim_sessions *s, const struct sim_user *user);

/** NULL if there is none of that text. */
struct sim_code *sim_code_find(struct sim_sessions *s, const char *text);
struct sim_device *sim_device_find(struct sim_sessions *s, const char *device_code);
struct sim_refresh *sim_refresh_find(struct sim_sessions *s, const char *text);

/** By the code that people type: without regard to case, hyphens and spaces. */
struct sim_device *sim_device_by_user_code(struct sim_sessions *s, const char *user_code);

/** Who is signed in in the browser that sends this Cookie header; NULL: nobody. */
const struct sim_user *sim_browser_user(const struct sim_sessions *s, const char *cookies);

/** A copy: the strings too. False if there is no memory. */
bool sim_sign_in_copy(struct sim_sign_in *to, const struct sim_sign_in *from);
void sim_sign_in_done(struct sim_sign_in *i);
