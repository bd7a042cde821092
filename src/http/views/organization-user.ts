import type { OrganizationUser } from "../../store/organization-users.ts";

/** What a full replace may send back unchanged. */
export const READ_ONLY_OF_USER = ["id", "dtCreated", "dtLastModified"] as const;

export const toUserView = (user: OrganizationUser) => ({
  id: user.id,
  name: user.name,
  email: user.email,
  version: user.version,
  dtCreated: user.createdAt,
  dtLastModified: user.updatedAt,
});
