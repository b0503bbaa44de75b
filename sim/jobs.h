/* sim/jobs.h - what goes on by itself after a thing was made: uploads, health checks, publishing,
 * exports. */
#pragma once

#include "sim/action.h"
#include "sim/write.h"

/** Rules' "after": begins what follows a write. */
void sim_image_after(struct sim_change *c);
void sim_connection_after(struct sim_change *c);
void sim_app_after(struct sim_change *c);
void sim_export_after(struct sim_change *c);

/** Actions that begin the same. */
sim_action_fn sim_act_upload, sim_act_health, sim_act_password;
sim_action_fn sim_act_publish, sim_act_unpublish, sim_act_reset_app;

/**
 * GET of an exported report, as a storage account serves it: the signature in the address is all
 * that counts. False: the request is about something else.
 */
bool sim_export_download(struct sim *s, const struct sim_request *req, struct sim_reply *reply);
