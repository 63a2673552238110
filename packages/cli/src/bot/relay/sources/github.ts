import { z } from 'zod';
import { headerOf, type Notice, type SourceRequest } from './notice.js';
import { digestOf, firstLine, joined, readPayload } from './payload.js';

const titled = z.object({
  number: z.number().optional(),
  title: z.string().default(''),
  html_url: z.string().default(''),
});

const PAYLOAD = z.object({
  action: z.string().optional(),
  repository: z.object({ full_name: z.string() }).optional(),
  sender: z.object({ login: z.string() }).optional(),
  ref: z.string().optional(),
  compare: z.string().optional(),
  deleted: z.boolean().optional(),
  commits: z.array(z.object({ message: z.string() })).optional(),
  pull_request: titled.extend({ merged: z.boolean().nullish() }).optional(),
  issue: titled.optional(),
  release: z.object({ tag_name: z.string(), html_url: z.string() }).optional(),
  workflow_run: z
    .object({
      name: z.string(),
      conclusion: z.string().nullable(),
      head_branch: z.string().nullable(),
      html_url: z.string(),
    })
    .optional(),
});

type Payload = z.infer<typeof PAYLOAD>;

/** The actions of pull requests and issues that are worth a message. */
const ACTIONS: ReadonlySet<string> = new Set(['opened', 'closed', 'reopened', 'ready_for_review']);

/** The webhooks of GitHub: push, pull_request, issues, release and workflow_run; others give nothing. */
export function githubNotices(request: SourceRequest): Notice[] {
  const payload = readPayload(request, PAYLOAD);
  const what = describe(headerOf(request, 'x-github-event'), payload);
  if (what === undefined) return [];
  const text = joined(': ', payload.repository?.full_name, what);
  return [{ key: headerOf(request, 'x-github-delivery') || digestOf(request.body), state: 'event', text }];
}

function describe(event: string, payload: Payload): string | undefined {
  const who = payload.sender?.login ?? 'somebody';
  const { action = '' } = payload;
  switch (event) {
    case 'push':
      return pushText(who, payload);
    case 'pull_request': {
      const { pull_request: pull } = payload;
      if (pull === undefined || !ACTIONS.has(action)) return undefined;
      const done = action === 'closed' && pull.merged === true ? 'merged' : action.replaceAll('_', ' ');
      return joined(' ', who, done, `pull request #${pull.number}:`, pull.title, pull.html_url);
    }
    case 'issues': {
      const { issue } = payload;
      if (issue === undefined || !ACTIONS.has(action)) return undefined;
      return joined(' ', who, action, `issue #${issue.number}:`, issue.title, issue.html_url);
    }
    case 'release':
      if (payload.release === undefined || action !== 'published') return undefined;
      return joined(' ', who, 'published', payload.release.tag_name, payload.release.html_url);
    case 'workflow_run': {
      const { workflow_run: run } = payload;
      if (run === undefined || action !== 'completed') return undefined;
      return joined(' ', `workflow ${run.name} on ${run.head_branch ?? '?'}:`, run.conclusion, run.html_url);
    }
    default:
      return undefined;
  }
}

function pushText(who: string, { ref = '', deleted, commits = [], compare }: Payload): string | undefined {
  const branch = ref.replace(/^refs\/(heads|tags)\//, '');
  if (deleted === true) return `${who} deleted ${branch}`;
  if (commits.length === 0) return undefined;
  const count = commits.length === 1 ? '1 commit' : `${commits.length} commits`;
  return joined(
    ' ',
    `${who} pushed ${count} to ${branch}:`,
    firstLine(commits.at(-1)?.message ?? ''),
    compare,
  );
}
