import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Route } from './relayConfig.js';
import { headerOf, type SourceRequest } from './sources/notice.js';

/** Whether a request proves that it comes from the source. Takes the same time for all wrong secrets. */
export function isAuthentic(
  { auth, signature_header: signatureHeader }: Pick<Route, 'auth' | 'signature_header'>,
  secret: string | undefined,
  request: SourceRequest & { readonly bytes: Buffer },
): boolean {
  if (auth === 'none') return true;
  if (secret === undefined) return false;
  switch (auth) {
    case 'bearer':
      return isEqual(headerOf(request, 'authorization'), `Bearer ${secret}`);
    case 'gitlab':
      return isEqual(headerOf(request, 'x-gitlab-token'), secret);
    case 'hmac': {
      const signature = createHmac('sha256', secret).update(request.bytes).digest('hex');
      return isEqual(headerOf(request, signatureHeader).replace(/^sha256=/, ''), signature);
    }
  }
}

/** Digests have one length, so that the comparison does not depend on the texts. */
function isEqual(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
