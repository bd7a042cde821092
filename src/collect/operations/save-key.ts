import type { KeyPermissions } from "../domain/key-permissions.ts";
import { hashKey, maskKey, newKey } from "../domain/secret-key.ts";
import { refused } from "../errors.ts";
import type { CollectTx } from "../scope.ts";
import { expireKey, insertKey, lockKey, type SecretKeyRow } from "../store/secret-keys.ts";

export interface KeyRequest {
  readonly accountId: string;
  readonly livemode: boolean;
  readonly name: string | null;
  /** null: a secret key, which may do everything. */
  readonly permissions: KeyPermissions | null;
  readonly expiresAt: string | null;
}

/** A key that was just made: the only time that anybody sees it. */
export interface MadeKey {
  readonly row: SecretKeyRow;
  readonly key: string;
}

/** Makes a key; only its hash is kept. */
export async function createKey(
  tx: CollectTx,
  request: KeyRequest,
  nowAt: string,
): Promise<MadeKey> {
  const key = newKey({ livemode: request.livemode, restricted: request.permissions !== null });
  const row = await insertKey(tx, {
    ...request,
    keyHash: hashKey(key),
    masked: maskKey(key),
    createdAt: nowAt,
  });
  return { row, key };
}

export interface KeyPlace {
  readonly accountId: string;
  /** Modes that the caller may manage. */
  readonly modes: readonly boolean[];
  readonly id: string;
}

/** Locks a key that may be rolled or expired: not one that the server's settings name. Throws 404, 400. */
async function lockManaged(tx: CollectTx, { accountId, modes, id }: KeyPlace) {
  const row = await lockKey(tx, accountId, modes, id);
  if (!row.is_configured) return row;
  throw refused(
    "invalid_argument",
    "This key is the one that COLLECT_SECRET_KEY names: change the variable and start the server again.",
    "key",
  );
}

/** Makes a key with the same rights, and lets the old one work until an instant on real time. */
export async function rollKey(
  tx: CollectTx,
  place: KeyPlace,
  oldExpiresAt: string,
  nowAt: string,
): Promise<MadeKey> {
  const old = await lockManaged(tx, place);
  await expireKey(tx, old.id, oldExpiresAt);
  const { account_id: accountId, livemode, name, permissions } = old;
  return createKey(tx, { accountId, livemode, name, permissions, expiresAt: null }, nowAt);
}

/** From this instant on the key is refused. Throws 404, and 400 for the configured one. */
export async function endKey(tx: CollectTx, place: KeyPlace, nowAt: string): Promise<SecretKeyRow> {
  const { id } = await lockManaged(tx, place);
  return expireKey(tx, id, nowAt);
}
