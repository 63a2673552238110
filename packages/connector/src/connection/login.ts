import { formatClientRequest, parseServerMessage } from '@quietroom/protocol';
import { ConnectorError, LoginError } from '../errors.js';
import type { Identity } from './openConnection.js';

/** More than any lobby says while one user logs in. */
const MAX_KEPT_CHARACTERS = 16 * 1024 * 1024;

/** Counted for each text beside its characters: empty texts take memory, too. */
const KEPT_TEXT_OVERHEAD = 64;

/** The reaction to a text that came during the login. */
export type LoginStep =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'finish' }
  /** The text is not part of the login; it was added to `kept`. */
  | { readonly do: 'keep' }
  | { readonly do: 'fail'; readonly error: ConnectorError };

/**
 * Login by what the server says, not by how many texts it sends: other users' messages come before,
 * between and after the login's own.
 */
export class Login {
  readonly username: string;
  /** Texts of others that came meanwhile, in order. */
  readonly kept: string[] = [];
  #keptCharacters = 0;
  readonly #isAgain: boolean;
  #state: 'prompt' | 'name' | 'done' = 'prompt';

  constructor({ username, isAgain }: Identity) {
    this.username = username;
    this.#isAgain = isAgain;
  }

  receive(text: string): LoginStep {
    const message = parseServerMessage(text);
    if (this.#state === 'prompt' && message.type === 'usernamePrompt') {
      this.#state = 'name';
      return { do: 'send', text: formatClientRequest({ type: 'lobby', text: this.username }) };
    }
    if (this.#state === 'name' && message.type === 'welcome' && message.name !== this.username) {
      return { do: 'fail', error: otherName(this.username, message.name) };
    }
    if (this.#state === 'name' && message.type === 'welcome') {
      this.#state = 'done';
      return { do: 'finish' };
    }
    if (this.#state === 'name' && message.type === 'refusal' && message.reason === 'nameTaken') {
      return { do: 'fail', error: nameTaken(this.username) };
    }
    return this.#keep(text);
  }

  #keep(text: string): LoginStep {
    this.kept.push(text);
    this.#keptCharacters += KEPT_TEXT_OVERHEAD + text.length;
    return this.#keptCharacters > MAX_KEPT_CHARACTERS
      ? { do: 'fail', error: tooManyTexts() }
      : { do: 'keep' };
  }

  /** Why the server has closed the connection in the middle of the login. */
  closed(cause: Error | undefined): ConnectorError {
    if (this.#state === 'name' && cause === undefined && !this.#isAgain) {
      return new LoginError(
        'NAME_INVALID',
        `The server closed the connection without a word when it got the name ${JSON.stringify(this.username)}, as servers do with a name they do not allow. Choose another; or try again, if the server may have been restarted just then.`,
      );
    }
    return new ConnectorError(
      'LOGIN_FAILED',
      `The server closed the connection before the login was done. Try again; if it persists, look at the server's log.`,
      { cause },
    );
  }
}

function tooManyTexts(): ConnectorError {
  return new ConnectorError(
    'LOGIN_FAILED',
    `The server sent more than ${MAX_KEPT_CHARACTERS} characters without a welcome. Check that it is a QuietRoom server.`,
    { limit: MAX_KEPT_CHARACTERS },
  );
}

function otherName(username: string, welcomed: string): ConnectorError {
  return new ConnectorError(
    'LOGIN_FAILED',
    `The server welcomed ${JSON.stringify(welcomed)} instead of ${JSON.stringify(username)}. Check that it is a QuietRoom server.`,
    { username },
  );
}

function nameTaken(username: string): LoginError {
  return new LoginError(
    'NAME_TAKEN',
    `The name ${JSON.stringify(username)} is in use. Choose another, or wait: after a connection is cut, a server may keep its name for some minutes.`,
    { username },
  );
}
