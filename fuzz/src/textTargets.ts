import {
  formatClientRequest,
  formatServerMessage,
  guardChat,
  parseClientRequest,
  parseServerMessage,
  PROTOCOL_VERSIONS,
  unguardChat,
} from '@quietroom/protocol';
import { isWhiteSpace, splitWords, trimWhiteSpace } from '@quietroom/protocol/internals';
import { loadRecording, RECORDINGS } from '@quietroom/testing';
import { holds, type Target } from './target.js';

function recordedTexts(): Buffer[] {
  return RECORDINGS.flatMap((name) =>
    loadRecording(name).expect.flatMap(({ text }) => (text === undefined ? [] : [Buffer.from(text)])),
  );
}

/** What a client reads: a message is written back exactly as it was. */
export const serverMessageTarget: Target = {
  name: 'server-messages',
  words: [
    '[DM from ',
    '[DM to ',
    ']: ',
    '*** ',
    ' ***',
    'Members of ',
    '(',
    '):\n  ',
    'Online Users',
    ' joined ',
    '[12:34:56] ',
    '[#',
    'Transfer ID: ',
    '🔒',
  ],
  seeds: recordedTexts,
  run(input) {
    const text = input.toString();
    const message = parseServerMessage(text);
    const written = formatServerMessage(message);
    holds('a message is written as it was read', written === text);
    const again = JSON.stringify(parseServerMessage(written));
    holds('a message that was written is read the same', again === JSON.stringify(message));
  },
};

/** What a server reads: a request is read the same after it was written, and guarded chat is never a command. */
export const clientRequestTarget: Target = {
  name: 'client-requests',
  words: [
    '/msg ',
    '/join #',
    '/members ',
    '/file ',
    'lobby',
    '[#a] ',
    '] ',
    '/quit',
    '\u0085',
    '\u2060',
    '\ufeff',
    '\u3000',
    '/ΑΣ',
    '/İX',
  ],
  seeds: () =>
    [
      'hello',
      '/msg a  b',
      '/join #a b  c',
      '[#a]  x',
      '[#a]x',
      '/quit',
      '/members LOBBY',
      '/file a b c',
      '/accept a_b_1',
      '/İX',
    ].map((text) => Buffer.from(text)),
  run(input) {
    const text = input.toString();
    for (const version of PROTOCOL_VERSIONS) {
      const request = parseClientRequest(text, version);
      if (request.type !== 'empty' && request.type !== 'usage' && request.type !== 'unknown') {
        const again = parseClientRequest(formatClientRequest(request), version);
        holds('a request is read as it was written', JSON.stringify(again) === JSON.stringify(request));
      }
      const guarded = parseClientRequest(guardChat(text), version);
      holds('guarded chat is chat', guarded.type === 'lobby' || guarded.type === 'empty');
      const seen = guarded.type === 'lobby' ? unguardChat(guarded.text) : '';
      holds('guarded chat arrives as it was', seen === trimWhiteSpace(text));
    }
    const trimmed = trimWhiteSpace(text);
    const hasBlankEnds =
      isWhiteSpace(trimmed.charCodeAt(0)) || isWhiteSpace(trimmed.charCodeAt(trimmed.length - 1));
    holds('trimmed text has no white space at its ends', trimmed === '' || !hasBlankEnds);
    holds(
      'words hold no white space',
      splitWords(text).every((word) => splitWords(word)[0] === word && word !== ''),
    );
  },
};
