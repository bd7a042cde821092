import { randomBytes } from "node:crypto";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  findSealedWebhookSecret,
  lockSealedWebhookSecret,
  updateWebhookSecret,
} from "../store/environment-settings.ts";
import type { OperationContext } from "./context.ts";

/** Sets the secret of every webhook endpoint that was created without one of its own. */
export async function setWebhookSecret(ctx: OperationContext, secret: string): Promise<void> {
  await updateWebhookSecret(ctx.db, ctx.environment.id, ctx.services.vault.encrypt(secret));
}

/** The environment's secret, made up and stored when there is none yet. */
export async function ensureWebhookSecret(
  tx: CoreTransaction,
  { environment, services }: OperationContext,
): Promise<string> {
  const sealed = await lockSealedWebhookSecret(tx, environment.id);
  if (sealed !== null) return services.vault.decrypt(sealed);
  const secret = randomBytes(32).toString("base64url");
  await updateWebhookSecret(tx, environment.id, services.vault.encrypt(secret));
  return secret;
}

/** The secret that signs for an endpoint: its own, else the environment's. */
export async function openWebhookSecret(
  db: CoreDb,
  ctx: OperationContext,
  { sealedSecret }: { readonly sealedSecret: string | null },
): Promise<string> {
  const sealed = sealedSecret ?? (await findSealedWebhookSecret(db, ctx.environment.id));
  if (sealed !== null) return ctx.services.vault.decrypt(sealed);
  return inTransaction(db, (tx) => ensureWebhookSecret(tx, ctx));
}
