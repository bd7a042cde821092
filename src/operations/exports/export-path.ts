import type { BegunExport } from "./begin-export.ts";

const RUN_LENGTH = 12;

/** Part of every name that a run gives, so that no other run gives the same. */
const runName = ({ id }: BegunExport): string => id.replaceAll("-", "").slice(0, RUN_LENGTH);

/** "20240131235959" of "2024-01-31T23:59:59.5Z". */
const compact = (at: string): string => at.replaceAll(/\D/g, "").padEnd(14, "0").slice(0, 14);

const below = (folder: string, path: string): string =>
  folder === "" ? path : `${folder}/${path}`;

/** `<folder>/<table>/dt=2024-01-31/<part>_<20240131235959>`, without the ending of its format. */
export const partPath = (folder: string, run: BegunExport, table: string, part: number): string =>
  below(
    folder,
    `${table}/dt=${run.startedAt.slice(0, 10)}/${String(part).padStart(6, "0")}-${runName(run)}_${compact(run.startedAt)}`,
  );

/** Where the manifest of a run is, which is written when everything else is there. */
export const manifestPath = (folder: string, run: BegunExport): string =>
  below(
    folder,
    `_manifests/dt=${run.startedAt.slice(0, 10)}/${runName(run)}_${compact(run.startedAt)}`,
  );
