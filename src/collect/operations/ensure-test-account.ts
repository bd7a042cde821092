import { instantText, Temporal } from "../../domain/time.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { hashKey, maskKey } from "../domain/secret-key.ts";
import type { CollectContext } from "../in-scope.ts";
import { ensureAccount } from "../store/accounts.ts";
import { replaceConfiguredKey } from "../store/secret-keys.ts";

const SANDBOX_ACCOUNT = "sandbox";

/**
 * Makes sure that the sandbox's account exists and answers to this key in test mode. Running it again
 * changes nothing; another key takes the place of the one that was configured before, while keys
 * that were made through the API keep working.
 */
export async function ensureTestAccount(context: CollectContext, secretKey: string): Promise<void> {
  if (!secretKey.startsWith("sk_test_")) throw new Error("A test account needs an sk_test_ key");
  const createdAt = instantText(Temporal.Now.instant());
  await inTransaction(context.db, async (tx) => {
    const accountId = await ensureAccount(tx, SANDBOX_ACCOUNT, createdAt);
    await replaceConfiguredKey(
      tx,
      { accountId, livemode: false },
      { keyHash: hashKey(secretKey), masked: maskKey(secretKey), createdAt },
    );
  });
}
