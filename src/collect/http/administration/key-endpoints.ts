import { instant, isAfter } from "../../../domain/time.ts";
import { KEY_RESOURCES } from "../../domain/key-permissions.ts";
import { CollectError, refused } from "../../errors.ts";
import { createKey, endKey, type MadeKey, rollKey } from "../../operations/save-key.ts";
import { toLedgerlineKey } from "../../serializers/to-ledgerline-key.ts";
import { getAccount } from "../../store/accounts.ts";
import { listKeys } from "../../store/secret-keys.ts";
import { choice, hash, optional, text, timestamp } from "../params.ts";
import { type Administrator, adminEndpoint, modesOf } from "./admin-endpoint.ts";

const permissions = hash(
  Object.fromEntries(
    KEY_RESOURCES.map((resource) => [resource, optional(choice("none", "read", "write"))]),
  ),
);

/** The one reply that holds the key itself. */
const toMade = ({ row, key }: MadeKey) => ({ ...toLedgerlineKey(row), key });

/** Throws 403 when the administrator has nothing to do with the mode. */
function assertMode(administrator: Administrator, livemode: boolean): void {
  if (modesOf(administrator).includes(livemode)) return;
  throw new CollectError(
    "forbidden",
    "invalid_request_error",
    "invalid_argument",
    "Keys of live mode are managed with the production environment's API token.",
    { param: "mode" },
  );
}

function assertFuture(at: string | undefined, nowAt: string, param: string): void {
  if (at === undefined || isAfter(instant(at), instant(nowAt))) return;
  throw refused("invalid_argument", `${param} must be in the future.`, param);
}

const placeOf = (administrator: Administrator, path: Readonly<Record<string, string>>) => ({
  accountId: path.account ?? "",
  modes: modesOf(administrator),
  id: path.key ?? "",
});

const KEYS = "/ledgerline/accounts/:account/keys";

export const keyAdminEndpoints = [
  adminEndpoint({
    method: "GET",
    path: KEYS,
    params: {},
    handler: async ({ tx, administrator, path }) => {
      const { id } = await getAccount(tx, path.account ?? "");
      return {
        object: "list",
        url: `/ledgerline/accounts/${id}/keys`,
        has_more: false,
        data: (await listKeys(tx, id, modesOf(administrator))).map(toLedgerlineKey),
      };
    },
  }),
  adminEndpoint({
    method: "POST",
    path: KEYS,
    params: {
      mode: choice("test", "live"),
      type: optional(choice("secret", "restricted")),
      name: optional(text(100)),
      permissions: optional(permissions),
      expires_at: optional(timestamp()),
    },
    handler: async ({ tx, administrator, path, params, nowAt }) => {
      const livemode = params.mode === "live";
      assertMode(administrator, livemode);
      assertFuture(params.expires_at, nowAt, "expires_at");
      const isRestricted = params.type === "restricted";
      if (isRestricted !== (params.permissions !== undefined)) {
        throw refused(
          isRestricted ? "parameter_missing" : "invalid_argument",
          "A restricted key has permissions, and only such a key has them.",
          "permissions",
        );
      }
      const { id: accountId } = await getAccount(tx, path.account ?? "");
      const given = Object.entries(params.permissions ?? {}) as [
        string,
        "none" | "read" | "write",
      ][];
      const rights = given.filter(
        (right): right is [string, "read" | "write"] => right[1] !== "none",
      );
      const request = {
        accountId,
        livemode,
        name: params.name ?? null,
        permissions: isRestricted ? Object.fromEntries(rights) : null,
        expiresAt: params.expires_at ?? null,
      };
      return toMade(await createKey(tx, request, nowAt));
    },
  }),
  adminEndpoint({
    method: "POST",
    path: `${KEYS}/:key/roll`,
    params: { expires_at: optional(timestamp()) },
    handler: async ({ tx, administrator, path, params, nowAt }) => {
      assertFuture(params.expires_at, nowAt, "expires_at");
      const place = placeOf(administrator, path);
      return toMade(await rollKey(tx, place, params.expires_at ?? nowAt, nowAt));
    },
  }),
  adminEndpoint({
    method: "DELETE",
    path: `${KEYS}/:key`,
    params: {},
    handler: async ({ tx, administrator, path, nowAt }) =>
      toLedgerlineKey(await endKey(tx, placeOf(administrator, path), nowAt)),
  }),
];
