import { bucketStore } from "../../platform/places/bucket.ts";
import { filePlace } from "../../platform/places/file-place.ts";
import { folderStore } from "../../platform/places/folder.ts";
import type { Place } from "../../platform/places/place.ts";
import { PlaceError } from "../../platform/places/place-error.ts";
import { postgresPlace } from "../../platform/places/postgres-place.ts";
import type { ExportDestination } from "../../store/exports/destinations.ts";
import type { OperationContext } from "../context.ts";

const OWNER_LENGTH = 8;

/** Both environments may have a folder of one name: each has a directory of its own above it. */
export function folderOf(ctx: OperationContext, { kind, settings }: ExportDestination): string {
  if (kind === "folder") return `${ctx.environment.name.toLowerCase()}/${settings.folder}`;
  return typeof settings.folder === "string" ? settings.folder : "";
}

/** Opens a destination for writing. What it needs of its credential is in memory only as long as it is open. */
export async function openExportPlace(
  ctx: OperationContext,
  destination: ExportDestination,
): Promise<Place> {
  const { kind, format, settings, credential } = destination;
  const { vault, outgoing, exportDir } = ctx.services;
  const secret: Readonly<Record<string, unknown>> =
    credential === null ? {} : JSON.parse(vault.decrypt(credential));
  if (kind === "postgres") {
    return postgresPlace({
      host: String(settings.host),
      port: Number(settings.port),
      database: String(settings.database),
      user: String(settings.user),
      password: String(secret.password),
      schema: String(settings.schema),
      ssl: settings.ssl as "verify" | "require" | "off",
      ca: typeof secret.ca === "string" ? secret.ca : undefined,
      owner: destination.id.slice(0, OWNER_LENGTH),
      outgoing,
    });
  }
  if (kind === "folder") return filePlace(folderStore(needDirectory(exportDir)), format ?? "csv");
  const store = await bucketStore({
    bucket: String(settings.bucket),
    region: String(settings.region),
    endpoint: typeof settings.endpoint === "string" ? settings.endpoint : undefined,
    pathStyle: settings.path_style === true,
    credential: {
      accessKeyId: String(secret.access_key_id),
      secretAccessKey: String(secret.secret_access_key),
      sessionToken: typeof secret.session_token === "string" ? secret.session_token : undefined,
    },
    outgoing,
  });
  return filePlace(store, format ?? "csv");
}

function needDirectory(exportDir: string | undefined): string {
  if (exportDir !== undefined) return exportDir;
  throw new PlaceError("folder_not_allowed", "The server may not write to folders any more", {
    remedy: "Start the server with EXPORT_DIR, then retry the run.",
    permanent: true,
  });
}
