import { alertmanagerNotices } from './alertmanager.js';
import { githubNotices } from './github.js';
import { gitlabNotices } from './gitlab.js';
import type { Notice, SourceRequest } from './notice.js';
import { jsonNotices, textNotices } from './template.js';
import { uptimeKumaNotices } from './uptimeKuma.js';

/** The sources that the relay understands. Grafana sends what Alertmanager sends, and more. */
export const SOURCES = [
  'text',
  'json',
  'alertmanager',
  'grafana',
  'github',
  'gitlab',
  'uptime-kuma',
] as const;

export type Source = (typeof SOURCES)[number];

/** What a request reports. @throws PayloadError for a body that is not what the source sends */
export function noticesOf(source: Source, request: SourceRequest, template: string): Notice[] {
  switch (source) {
    case 'text':
      return textNotices(request);
    case 'json':
      return jsonNotices(request, template);
    case 'alertmanager':
    case 'grafana':
      return alertmanagerNotices(request);
    case 'github':
      return githubNotices(request);
    case 'gitlab':
      return gitlabNotices(request);
    case 'uptime-kuma':
      return uptimeKumaNotices(request);
  }
}
