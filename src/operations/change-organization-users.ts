import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listConfigurationsOfUser } from "../store/integration-configurations.ts";
import {
  getUser,
  insertUser,
  lockUser,
  type OrganizationUser,
  updateUser,
} from "../store/organization-users.ts";
import { checkVersion } from "./check-version.ts";
import type { OperationContext } from "./context.ts";

export interface UserFacts {
  readonly name: string;
  readonly email: string;
}

const SHOWN = 10;

/** Adds somebody who can be told by mail. */
export const addUser = (ctx: OperationContext, { name, email }: UserFacts) =>
  insertUser(ctx.db, {
    environmentId: ctx.environment.id,
    name,
    email,
    createdAt: instantText(ctx.now),
  });

/** Replaces what is known of a user. Throws a conflict when `version` is not the present one. */
export async function replaceUser(
  ctx: OperationContext,
  id: string,
  { name, email, version }: UserFacts & { readonly version: number },
): Promise<OrganizationUser> {
  return inTransaction(ctx.db, async (tx) => {
    const user = await lockUser(tx, ctx.environment.id, id);
    checkVersion("user", user.version, version);
    const updatedAt = instantText(ctx.now);
    await updateUser(tx, id, { name, email, version: version + 1, updatedAt });
    return getUser(tx, ctx.environment.id, id);
  });
}

/** Deletes a user. Throws a conflict, naming them, while configurations want the user to be told. */
export async function deleteUser(ctx: OperationContext, id: string): Promise<OrganizationUser> {
  return inTransaction(ctx.db, async (tx) => {
    const user = await lockUser(tx, ctx.environment.id, id);
    const uses = await listConfigurationsOfUser(tx, ctx.environment.id, id, SHOWN);
    if (uses.length > 0) {
      const names = uses.map((use) => `${use.name} (${use.id})`).join(", ");
      throw conflict(
        `The user is told by these integration configurations, take it out of disabledNotificationUserIds first: ${names}`,
        "user_in_use",
      );
    }
    const at = instantText(ctx.now);
    await updateUser(tx, id, { archivedAt: at, updatedAt: at });
    return user;
  });
}
