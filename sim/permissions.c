#include "sim/permissions.h"

#include "base/macros.h"

const struct sim_grantable sim_grantables[] = {
	{ "openid", "37f7f235-527c-4136-accd-4a02d197296e", false, NULL, "Sign users in" },
	{ "profile", "14dad69e-099b-42c9-810b-d002981feec1", false, NULL,
	  "View users' basic profile" },
	{ "email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", false, NULL,
	  "View users' email address" },
	{ "offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", false, NULL,
	  "Maintain access to data you have given it access to" },
	{ "User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", false, NULL,
	  "Sign in and read user profile" },
	{ "CloudPC.Read.All", "5252ec4e-fd40-4d92-8c68-89dd1d3c6110", false,
	  "a9e09520-8ed4-4cde-838e-4fdea192c227", "Read Cloud PCs" },
	{ "CloudPC.ReadWrite.All", "9d77138f-f0e2-47ba-ab33-cd246c8b79d1", true,
	  "3b4349e1-8cf5-45a3-95b7-69d1751d3e6a", "Read and write Cloud PCs" },
	{ "RoleManagement.Read.CloudPC", "9619b88a-8a25-48a7-9571-d23be0337a79", true,
	  "031a549a-bb80-49b6-8032-2068448c6a3c", "Read Cloud PC RBAC settings" },
	{ "RoleManagement.ReadWrite.CloudPC", "501d06f8-07b8-4f18-b5c6-c191a4af7a82", true,
	  "274d0592-d1b6-44bd-af1d-26d259bcb43a", "Read and write Cloud PC RBAC settings" },
	{ "RoleManagement.Read.All", "48fec646-b2ba-4019-8681-8eb31435aded", true,
	  "c7fbd983-d9aa-4fa7-84b8-17382c103bc4", "Read role management data" },
	{ "Application.Read.All", "c79f8feb-a9db-4090-85f9-90d820caa0eb", true,
	  "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Read applications" },
	{ "Application.ReadWrite.All", "bdfbf15f-ee85-4955-8675-146e8e5296b5", true,
	  "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Read and write all applications" },
	{ "Application.ReadWrite.OwnedBy", NULL, true, "18a4783c-866b-4cc7-a460-3d5e5662c884",
	  "Manage apps that this app creates or owns" },
	{ "AppRoleAssignment.ReadWrite.All", "84bccea3-f856-4a8a-967b-dbe0a3d53a64", true,
	  "06b708a9-e830-4db3-a914-8e69da51d44f",
	  "Manage app permission grants and app role assignments" },
	{ "DelegatedPermissionGrant.ReadWrite.All", "41ce6ca6-6826-4807-84f1-1c82854f7ee5", true,
	  "8e8e4742-1d95-4f68-9d56-6ee75648c72a", "Manage all delegated permission grants" },
	{ "Directory.Read.All", "06da0dbc-49e2-44d2-8312-53f166ab848a", true,
	  "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Read directory data" },
	{ "Directory.AccessAsUser.All", "0e263e50-5827-48a4-b97c-d940288653c7", true, NULL,
	  "Access directory as the signed in user" },
	{ "Organization.Read.All", "4908d5b9-3fb2-4b1e-9336-1888b7937185", true,
	  "498476ce-e0fe-48b0-b801-37ba7e2685c6", "Read organization information" },
	{ "User.Read.All", "a154be20-db9c-4678-8ab7-66f6cc099a59", true,
	  "df021288-bdef-4463-88db-98f22de89214", "Read all users' full profiles" },
	{ "Group.Read.All", "5f8c59db-677d-491f-a6b8-5f174b11ec1d", true,
	  "5b567255-7703-4780-807c-7be8301ae99b", "Read all groups" },
	{ "GroupMember.Read.All", "bc024368-1153-4739-b217-4326f2e966d0", true,
	  "98830695-27a2-44f7-8c18-0c3ebc9698f6", "Read all group memberships" },
	{ "DeviceManagementManagedDevices.Read.All", "314874da-47d6-4978-88dc-cf0d37f0bb82", true,
	  "2f51be20-0bb4-4fed-bf7b-db946066c75e", "Read Microsoft Intune devices" },
	{ "DeviceManagementManagedDevices.ReadWrite.All", "44642bfe-8385-4adc-8fc6-fe3cb2c375c3",
	  true, "243333ab-4d21-40cb-a475-36241daa0842", "Read and write Microsoft Intune devices" },
	{ "DeviceManagementManagedDevices.PrivilegedOperations.All",
	  "3404d2bf-2b13-457e-a330-c24615765193", true, "5b07b0dd-2377-4e44-a38d-703f09a0dc3c",
	  "Perform user-impacting remote actions on Microsoft Intune devices" },
	{ "DeviceManagementConfiguration.Read.All", "f1493658-876a-4c87-8fa7-edb559b3476a", true,
	  "dc377aa6-52d8-4e23-b271-2a7ae04cedf3",
	  "Read Microsoft Intune Device Configuration and Policies" },
	{ "DeviceManagementRBAC.Read.All", "49f0cc30-024c-4dfd-ab3e-82e137ee5431", true,
	  "58ca0d9a-1575-47e1-a3cb-007ef2e4583b", "Read Microsoft Intune RBAC settings" },
};

const size_t sim_grantable_count = ARRAY_SIZE(sim_grantables);

const struct sim_grantable *sim_grantable_find(struct w365_span name)
{
	for (size_t i = 0; i < sim_grantable_count; i++)
		if (strlen(sim_grantables[i].name) == name.len &&
		    strncasecmp(sim_grantables[i].name, name.p, name.len) == 0)
			return &sim_grantables[i];
	return NULL;
}

const struct sim_grantable *sim_grantable_scope(const char *id)
{
	for (size_t i = 0; i < sim_grantable_count; i++)
		if (sim_grantables[i].scope && strcasecmp(sim_grantables[i].scope, id) == 0)
			return &sim_grantables[i];
	return NULL;
}

const struct sim_grantable *sim_grantable_role(const char *id)
{
	for (size_t i = 0; i < sim_grantable_count; i++)
		if (sim_grantables[i].role && strcasecmp(sim_grantables[i].role, id) == 0)
			return &sim_grantables[i];
	return NULL;
}

bool sim_grantable_is_oidc(const struct sim_grantable *g)
{
	return g - sim_grantables < 4;
}
