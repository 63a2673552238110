import type { Figure } from './measure/figure.js';

/** What the user of the benchmark chose. */
export interface BenchOptions {
  readonly runs: number;
  readonly messages: number;
  readonly mebibytes: number;
  /** The server to measure against; undefined: one of this repository, started for the purpose. */
  readonly server: { readonly host: string; readonly port: number; readonly certPem: string } | undefined;
}

/** A part of the benchmark that can be run alone. */
export interface Section {
  readonly name: string;
  /** One line of help. */
  readonly title: string;
  /** True for a section that runs only when it is named. */
  readonly isOnRequest?: boolean;
  /** Calls `step` before each step, with what is measured next. */
  run(options: BenchOptions, step: (what: string) => void): Promise<readonly Figure[]>;
}
