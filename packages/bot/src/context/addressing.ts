/** The call of a command in a message. */
export interface CommandCall {
  /** In lower case, without the prefix. */
  readonly name: string;
  /** The text after the name. */
  readonly text: string;
}

/** Finds mentions of a name. It keeps the patterns of the name that it was last used with. */
export class Mentions {
  #username: string | undefined;
  #leading = /(?:)/;
  #anywhere = /(?:)/;

  /** The text without the name before it; undefined when it does not hold the name. */
  textWithout(username: string, text: string): string | undefined {
    if (username !== this.#username) this.#use(username);
    if (!this.#anywhere.test(text)) return undefined;
    return text.replace(this.#leading, '').trim();
  }

  #use(username: string): void {
    const name = username.replace(/[.\\-]/g, String.raw`\$&`);
    this.#username = username;
    this.#leading = new RegExp(String.raw`^\s*@?${name}(?:\s*[:,]|(?=\s|$))`, 'i');
    this.#anywhere = new RegExp(String.raw`(?<![\p{L}\p{N}_.-])${name}(?![\p{L}\p{N}_-])`, 'iu');
  }
}

/** The command that a text calls: the prefix, and right after it a letter. */
export function commandCallIn(text: string, prefix: string): CommandCall | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const [, name, rest = ''] = /^(\p{L}[^\s]*)(.*)$/su.exec(text.slice(prefix.length)) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), text: rest };
}
