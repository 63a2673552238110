import { z } from 'zod';
import { headerOf, type Notice, type SourceRequest } from './notice.js';
import { digestOf, firstLine, joined, readPayload } from './payload.js';

const PAYLOAD = z.object({
  object_kind: z.string(),
  user_name: z.string().optional(),
  user: z.object({ name: z.string().optional(), username: z.string().optional() }).optional(),
  project: z.object({ path_with_namespace: z.string(), web_url: z.string().optional() }).optional(),
  ref: z.string().optional(),
  total_commits_count: z.number().optional(),
  commits: z.array(z.object({ message: z.string(), url: z.string().optional() })).optional(),
  object_attributes: z
    .object({
      id: z.number().optional(),
      iid: z.number().optional(),
      title: z.string().nullish(),
      url: z.string().nullish(),
      action: z.string().nullish(),
      status: z.string().nullish(),
      ref: z.string().nullish(),
    })
    .optional(),
});

type Payload = z.infer<typeof PAYLOAD>;

/** The ends of pipelines that are worth a message. */
const PIPELINE_ENDS: ReadonlySet<string> = new Set(['success', 'failed', 'canceled']);
const ACTIONS: Readonly<Record<string, string>> = {
  open: 'opened',
  close: 'closed',
  reopen: 'reopened',
  merge: 'merged',
};

/** The webhooks of GitLab: push, tag_push, merge_request, issue and pipeline; others give nothing. */
export function gitlabNotices(request: SourceRequest): Notice[] {
  const payload = readPayload(request, PAYLOAD);
  const what = describe(payload);
  if (what === undefined) return [];
  const text = joined(': ', payload.project?.path_with_namespace, what);
  return [{ key: headerOf(request, 'x-gitlab-event-uuid') || digestOf(request.body), state: 'event', text }];
}

function describe({
  object_kind: kind,
  object_attributes: about = {},
  ...payload
}: Payload): string | undefined {
  const who = payload.user_name ?? payload.user?.name ?? payload.user?.username ?? 'somebody';
  const done = ACTIONS[about.action ?? ''];
  switch (kind) {
    case 'push':
    case 'tag_push': {
      const { commits = [], total_commits_count: count = commits.length, ref = '' } = payload;
      const branch = ref.replace(/^refs\/(heads|tags)\//, '');
      if (kind === 'tag_push') return `${who} pushed the tag ${branch}`;
      const last = commits.at(-1);
      if (last === undefined) return undefined;
      const commitsText = count === 1 ? '1 commit' : `${count} commits`;
      return joined(' ', `${who} pushed ${commitsText} to ${branch}:`, firstLine(last.message), last.url);
    }
    case 'merge_request':
      return done && joined(' ', who, done, `merge request !${about.iid}:`, about.title, about.url);
    case 'issue':
      return done && joined(' ', who, done, `issue #${about.iid}:`, about.title, about.url);
    case 'pipeline':
      if (!PIPELINE_ENDS.has(about.status ?? '')) return undefined;
      return joined(' ', `pipeline ${about.id} on ${about.ref ?? '?'}:`, about.status, about.url);
    default:
      return undefined;
  }
}
