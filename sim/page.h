/* sim/page.h - pages for people: forms that work in every browser, and with curl. */
#pragma once

#include "sim/entra.h"

/** Begins a page with this title. To be ended by sim_page_end(). */
void sim_page_begin(struct sim_reply *reply, int status, const char *title);
void sim_page_end(struct sim_reply *reply);

/** Appends text with what HTML would take for its own escaped. */
void sim_page_text(struct sim_reply *reply, const char *text);

/** Opens a form that is posted to BASE/@tenant@path; @tenant "" is none. */
void sim_page_form(struct sim *s, struct sim_reply *reply, const char *tenant, const char *path);
void sim_page_hidden(struct sim_reply *reply, const char *name, const char *value);
void sim_page_button(struct sim_reply *reply, const char *name, const char *value,
		     const char *label);

/** Fields for user name and password. */
void sim_page_credentials(struct sim_reply *reply, const char *user);

/** The permissions as a list, with their names and titles. */
void sim_page_permissions(struct sim_reply *reply, const char *words);

/** A page that shows an error of the sign-in service: it never reaches the application. */
void sim_page_error(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    unsigned code, const char *sentence);

/**
 * Who has the name and password of @form; NULL, and a sentence in @reterr (and its number in
 * *@ret_code): nobody.
 */
const struct sim_user *sim_page_sign_in(struct sim *s, const struct sim_form *form,
					unsigned *ret_code, struct w365_err *reterr);

/** Remembers in the browser who is signed in. */
void sim_page_remember(struct sim *s, struct sim_reply *reply, const struct sim_user *user);

/** The redirect that ends a flow: @pairs are name, value, name, value, ..., NULL; a NULL value is
 * left out.
 * @mode: "query", "fragment" or "form_post". */
void sim_page_redirect(struct sim_reply *reply, const char *uri, const char *mode,
		       const char *const *pairs);

/** Is @uri one that @app has registered? Of loopback ones the port says nothing. */
bool sim_redirect_known(const struct sim_app *app, const char *uri, struct sim_sign_in *ret);
