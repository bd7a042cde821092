import { createHash } from "node:crypto";
import { instantText, Temporal } from "../../domain/time.ts";
import { inTransaction } from "../../platform/database/database.ts";
import type { CollectContext } from "../in-scope.ts";
import { ensureAccount, replaceKey } from "../store/accounts.ts";

const SANDBOX_ACCOUNT = "sandbox";

/** Keys are kept only as this: SHA-256, hex. They are random enough to need no salt. */
export const hashKey = (secretKey: string): string =>
  createHash("sha256").update(secretKey).digest("hex");

/**
 * Makes sure that the sandbox's account exists and answers to this key and no other in test mode.
 * Running it again changes nothing; another key takes the first one's place.
 */
export async function ensureTestAccount(context: CollectContext, secretKey: string): Promise<void> {
  if (!secretKey.startsWith("sk_test_")) throw new Error("A test account needs an sk_test_ key");
  const createdAt = instantText(Temporal.Now.instant());
  await inTransaction(context.db, async (tx) => {
    const accountId = await ensureAccount(tx, SANDBOX_ACCOUNT, createdAt);
    await replaceKey(tx, { accountId, livemode: false }, hashKey(secretKey), createdAt);
  });
}
