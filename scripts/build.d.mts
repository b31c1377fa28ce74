// Types of build.mjs, which is plain JavaScript because it runs before anything is built.

export interface BuildOptions {
  quiet?: boolean;
  targets?: string[];
  root?: string;
}

export class BuildError extends Error {
  readonly lines: string[];
}

export const TARGETS: string[];

export function buildStale(options?: BuildOptions): Promise<string[]>;

export function ascProblems(targetName: string, output: string): string[];
