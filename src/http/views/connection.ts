import type { Connection } from "../../store/connections.ts";

/** A connection without its credential, which is never shown. */
export const toConnectionView = (connection: Connection) => ({
  id: connection.id,
  provider: connection.provider,
  name: connection.name,
  status: connection.status,
  settings: connection.settings,
  is_default: connection.isDefault,
  built_in: connection.builtIn,
  created_at: connection.createdAt,
});
