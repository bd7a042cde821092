import type { SecretKeyRow } from "../store/secret-keys.ts";
import { toUnix, toUnixOrNull } from "../wire.ts";

/** A key without the key: what of it is shown after it was made. */
export const toLedgerlineKey = (row: SecretKeyRow) => ({
  id: row.id,
  object: "ledgerline.key",
  account: row.account_id,
  created: toUnix(row.created_at),
  expires_at: toUnixOrNull(row.expires_at),
  last_used_at: toUnixOrNull(row.last_used_at),
  livemode: row.livemode,
  masked: row.masked,
  name: row.name,
  permissions: row.permissions,
  type: row.permissions === null ? "secret" : "restricted",
});
