import { z } from 'zod';
import { headerOf, type Notice, type SourceRequest } from './notice.js';
import { digestOf, firstLine, joined, readPayload } from './payload.js';

const titled = z.object({
  number: z.number().optional(),
  title: z.string().default(''),
  html_url: z.string().default(''),
});

const PAYLOAD = z.object({
  action: z.string().nullish(),
  repository: z.object({ full_name: z.string() }).nullish(),
  sender: z.object({ login: z.string() }).nullish(),
  ref: z.string().nullish(),
  compare: z.string().nullish(),
  deleted: z.boolean().nullish(),
  commits: z.array(z.object({ message: z.string() })).nullish(),
  pull_request: titled.extend({ merged: z.boolean().nullish() }).nullish(),
  issue: titled.nullish(),
  release: z.object({ tag_name: z.string(), html_url: z.string() }).nullish(),
  workflow_run: z
    .object({
      name: z.string(),
      conclusion: z.string().nullable(),
      head_branch: z.string().nullable(),
      html_url: z.string(),
    })
    .nullish(),
});

type Payload = z.infer<typeof PAYLOAD>;

/** The actions of pull requests and issues that are worth a message. */
const ACTIONS: ReadonlySet<string> = new Set(['opened', 'closed', 'reopened', 'ready_for_review']);

const EVENTS: ReadonlySet<string> = new Set(['push', 'pull_request', 'issues', 'release', 'workflow_run']);

/** The webhooks of GitHub: push, pull_request, issues, release and workflow_run; others give nothing. */
export function githubNotices(request: SourceRequest): Notice[] {
  const event = headerOf(request, 'x-github-event');
  // The fields of other events may be of other types.
  if (!EVENTS.has(event)) {
    readPayload(request, z.object());
    return [];
  }
  const payload = readPayload(request, PAYLOAD);
  const what = describe(event, payload);
  if (what === undefined) return [];
  const text = joined(': ', payload.repository?.full_name, what);
  return [{ key: headerOf(request, 'x-github-delivery') || digestOf(request.body), state: 'event', text }];
}

function describe(event: string, payload: Payload): string | undefined {
  const who = payload.sender?.login ?? 'somebody';
  const action = payload.action ?? '';
  switch (event) {
    case 'push':
      return pushText(who, payload);
    case 'pull_request': {
      const { pull_request: pull } = payload;
      if (pull === undefined || pull === null || !ACTIONS.has(action)) return undefined;
      const done = action === 'closed' && pull.merged === true ? 'merged' : action.replaceAll('_', ' ');
      return joined(' ', who, done, `pull request #${pull.number}:`, pull.title, pull.html_url);
    }
    case 'issues': {
      const { issue } = payload;
      if (issue === undefined || issue === null || !ACTIONS.has(action)) return undefined;
      return joined(' ', who, action, `issue #${issue.number}:`, issue.title, issue.html_url);
    }
    case 'release':
      if (action !== 'published') return undefined;
      return joined(' ', who, 'published', payload.release?.tag_name, payload.release?.html_url);
    case 'workflow_run': {
      const { workflow_run: run } = payload;
      if (run === undefined || run === null || action !== 'completed') return undefined;
      return joined(' ', 'workflow', run.name, `on ${run.head_branch ?? '?'}:`, run.conclusion, run.html_url);
    }
    default:
      return undefined;
  }
}

function pushText(who: string, { ref, deleted, commits, compare }: Payload): string | undefined {
  const branch = ref?.replace(/^refs\/(heads|tags)\//, '');
  if (deleted === true) return `${who} deleted ${branch}`;
  const last = commits?.at(-1);
  if (commits === undefined || commits === null || last === undefined) return undefined;
  const count = commits.length === 1 ? '1 commit' : `${commits.length} commits`;
  return joined(' ', `${who} pushed ${count} to ${branch}:`, firstLine(last.message), compare);
}
