import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A payload of a source; payloads/README.md tells where it is from. */
export function payload(name: string): string {
  return readFileSync(new URL(`../../test/bot/payloads/${name}.json`, import.meta.url), 'utf8');
}

interface GithubEvent {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const require = createRequire(import.meta.url);

/** Payloads that GitHub has sent: those of @octokit/webhooks-examples (MIT), which is one JSON file of this form. */
const GITHUB = require('@octokit/webhooks-examples') as readonly GithubEvent[];

/** The events that there are payloads of. */
export function githubEvents(): string[] {
  return GITHUB.map(({ name }) => name);
}

export function githubPayloads(event: string): string[] {
  const examples = GITHUB.find(({ name }) => name === event)?.examples ?? [];
  return examples.map((example) => JSON.stringify(example));
}
