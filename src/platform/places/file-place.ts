import { writeFile } from "node:fs/promises";
import { createTableFile, type TableFile, type TableFormat } from "../tabular/table-file.ts";
import type { Place } from "./place.ts";

/** A file that is written on this machine first. */
export interface PendingFile {
  readonly localPath: string;
  /** Lets it appear under its name, whole, in the place of one that was there. */
  publish(): Promise<void>;
  /** Removes what is here of it. */
  discard(): Promise<void>;
}

export interface FileStore {
  prepare(path: string): Promise<PendingFile>;
  /** An error of the disk that pending files are on in a person's words; any other error as it is. */
  translate(error: unknown): unknown;
  close(): Promise<void>;
}

/** Keeps tables as files of rows. */
export function filePlace(store: FileStore, format: TableFormat): Place {
  /** What the disk refuses is said as such; what reading the rows throws is not the disk's. */
  const onDisk = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error) => {
      throw store.translate(error);
    });
  return {
    beginTable: async () => {},
    endTable: async () => {},
    async writePart({ columns }, name, pages) {
      const path = `${name}.${format}`;
      let pending: PendingFile | undefined;
      let file: TableFile | undefined;
      let rows = 0;
      try {
        for await (const page of pages) {
          if (page.length === 0) continue;
          pending ??= await store.prepare(path);
          file ??= await onDisk(createTableFile(pending.localPath, format, columns));
          await onDisk(file.write(page));
          rows += page.length;
        }
        if (pending === undefined || file === undefined) return undefined;
        const { bytes, sha256 } = await onDisk(file.finish());
        await onDisk(pending.publish());
        return { path, rows, bytes, sha256 };
      } catch (error) {
        await file?.abandon();
        await pending?.discard();
        throw error;
      }
    },
    async writeManifest(name, manifest) {
      const path = `${name}.json`;
      const pending = await store.prepare(path);
      try {
        const text = `${JSON.stringify(manifest, null, 2)}\n`;
        await onDisk(writeFile(pending.localPath, text, { flush: true }));
        await onDisk(pending.publish());
      } catch (error) {
        await pending.discard();
        throw error;
      }
      return path;
    },
    close: () => store.close(),
  };
}
